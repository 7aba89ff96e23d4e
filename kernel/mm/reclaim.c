/*
 * reclaim.c: what is given up when memory is short, the cheapest first. Hardware-free.
 */
#include <fs/file_cache.h>
#include <lib/irq.h>
#include <mm/buddy.h>
#include <mm/clock.h>
#include <mm/reclaim.h>
#include <mm/shmem.h>
#include <mm/slab.h>
#include <mm/swap.h>

#define PASS_FRAMES 32u  /* as many as swap writes with one request */
#define SHMEM_LOOKS 256u /* what is mapped, or was used, costs time only */

struct reclaim_counts reclaim_counts;

static unsigned from_slabs(void);
static unsigned from_programs(unsigned frames, enum zone_id wanted, enum block_wait wait,
                              struct reclaim_by *by);

unsigned reclaim_pass(enum zone_id wanted, enum block_wait wait, struct reclaim_by *by) {
    /* Empty slabs: nobody misses them. */
    unsigned freed = from_slabs();

    /* Pages of files on a disk that no program has mapped: to have them again costs a read. */
    if (freed < PASS_FRAMES) freed += file_cache_reclaim(PASS_FRAMES - freed);

    /* Pages of programs, and of files that are nowhere else, those that were not used lately: to have them
     * again costs a write and a read. */
    if (freed < PASS_FRAMES) freed += from_programs(PASS_FRAMES - freed, wanted, wait, by);

    by->stolen += freed;
    return freed;
}

unsigned reclaim_frames(enum zone_id wanted) {
    reclaim_counts.stalls++;
    return reclaim_pass(wanted, BLOCK_HLT, &reclaim_counts.direct);
}

static unsigned from_slabs(void) {
    unsigned freed = slab_reclaim();

    reclaim_counts.slabs += freed;
    return freed;
}

/* The clock takes entries out of page tables; after that the frames can go. One that several have, as after
 * fork(), goes with the last of its entries: so the hand goes on until there is one, or nothing is left to
 * take out. A disk can be waited for only with interrupts on. */
static unsigned from_programs(unsigned frames, enum zone_id wanted, enum block_wait wait,
                              struct reclaim_by *by) {
    if (!irqs_are_on() || (!swap_total() && !pages_of(OWNER_CACHE))) return 0;
    unsigned freed = 0, taken;
    do {
        taken = shmem_swap_out(frames, wanted, SHMEM_LOOKS);
        if (taken < frames) taken += clock_take_out(frames - taken, wanted, &by->scanned);
        if (!taken) taken = shmem_swap_out(frames, wanted, SHMEM_ALL);
        freed = file_cache_reclaim(frames);
        if (freed < frames) freed += swap_write_out(frames - freed, wait);
    } while (!freed && taken);
    return freed;
}
