/*
 * reclaim.c: what is given up when memory is short, the cheapest first. Hardware-free.
 */
#include <lib/irq.h>
#include <mm/reclaim.h>
#include <mm/slab.h>

struct reclaim_counts reclaim_counts;

unsigned reclaim_pass(enum zone_id wanted, enum block_wait wait, struct reclaim_by *by) {
    unsigned frames = slab_reclaim();

    (void)wanted;
    (void)wait;
    reclaim_counts.slabs += frames;
    by->stolen += frames;
    return frames;
}

unsigned reclaim_frames(enum zone_id wanted) {
    reclaim_counts.stalls++;
    return reclaim_pass(wanted, BLOCK_HLT, &reclaim_counts.direct);
}
