/*
 * swap_io.c: pages go to the disk and come back. Hardware-free.
 *
 * Nothing is locked while the disk works. What is written has a reference of the writer's, so nobody
 * may change it, nor may its slot be freed. What is read has an entry of the reader's, so its slot
 * stays what it is; and when it is there, somebody else may have read it too, and been first.
 */
#include <lib/errno.h>
#include <lib/printk.h>
#include <mm/buddy.h>
#include <mm/swap_area.h>

struct swap_counts swap_counts;

/* Slots that lie side by side, and a frame for each. */
struct run {
    struct swap_area *area;
    uint32_t slot; /* the first */
    unsigned pages;
    struct page *page[SWAP_CLUSTER];
};

static int move(const struct run *run, unsigned first, unsigned pages, bool write,
                enum block_wait wait) {
    const uint64_t sector = (uint64_t)(run->slot + first) * SECTORS_PER_PAGE;
    struct block_device *device = run->area->device;
    int error;

    run->area->transfers++;
    if (write)
        error = block_write(device, sector, pages * SECTORS_PER_PAGE, run->page + first, wait);
    else
        error = block_read(device, sector, pages * SECTORS_PER_PAGE, run->page + first, wait);
    run->area->transfers--;
    if (!error && write) swap_counts.out += pages;
    if (!error && !write) swap_counts.in += pages;
    return error;
}

/* ---- out ---- */

#define FAILURES_MAX 4 /* slots in a row: then it is not the slots */

static unsigned sweep(struct swap_area *area, unsigned pages, enum block_wait wait);
static void gather(struct run *run);
static unsigned write_run(struct run *run, enum block_wait wait);
static void write_failed(struct run *run, unsigned i);

unsigned swap_write_out(unsigned pages, enum block_wait wait) {
    unsigned freed = 0;

    for (unsigned i = 0; i < SWAP_AREAS && freed < pages; i++)
        if (swap_areas[i].device) freed += sweep(&swap_areas[i], pages - freed, wait);
    return freed;
}

/* Nobody has it mapped, or is writing it: the cache alone has a reference. */
static bool is_unused(const struct page *page) {
    return page && page->count == 1;
}

static bool is_to_write(const struct swap_area *area, uint32_t slot) {
    const struct page *page = area->cached[slot];
    return !area->dead && !area->closed && is_unused(page) && page->flags & PG_DIRTY &&
           !swap_bit(area->unreliable, slot);
}

/* The frame goes. So does the slot, if those who had it ended while the frame was written. */
static void drop(struct swap_area *area, uint32_t slot) {
    struct page *page = area->cached[slot];

    swap_cache_remove(area, slot);
    put_page(page);
    swap_slot_settle(area, slot);
}

/* Slots in a row that have no frame, to the end of the cluster at most, or of the area. */
static uint32_t without_frames(const struct swap_area *area, uint32_t slot) {
    uint32_t frames = area->in_memory[slot / SWAP_CLUSTER] >> slot % SWAP_CLUSTER;
    uint32_t most = SWAP_CLUSTER - slot % SWAP_CLUSTER;

    if (frames) return (uint32_t)__builtin_ctz(frames);
    return most < area->slots - slot ? most : area->slots - slot;
}

/* A slot with a frame. Answers how many slots are done with then. */
static uint32_t give_up(struct swap_area *area, uint32_t slot, enum block_wait wait,
                        unsigned *freed) {
    const struct page *page = area->cached[slot];

    if (is_to_write(area, slot)) {
        struct run run = {area, slot, 0, {NULL}};
        gather(&run);
        *freed += write_run(&run, wait);
        return run.pages;
    }
    if (is_unused(page) && !(page->flags & PG_DIRTY)) {
        drop(area, slot);
        ++*freed;
    }
    return 1;
}

/* Goes on where it was last, once round at most: so what was read for nothing stays for a while. The
 * area cannot end while `transfers` counts this. */
static unsigned sweep(struct swap_area *area, unsigned pages, enum block_wait wait) {
    unsigned freed = 0;

    if (!swap_cached()) return 0;
    area->transfers++;
    for (uint32_t seen = 0; seen < area->slots && freed < pages;) {
        uint32_t slot = area->hand, done = without_frames(area, slot);
        if (!done) done = give_up(area, slot, wait, &freed);
        seen += done;
        area->hand = (slot + done) % area->slots;
    }
    area->transfers--;
    return freed;
}

/* From the first slot on, as far as there is something to write. */
static void gather(struct run *run) {
    const struct swap_area *area = run->area;
    uint32_t slot = run->slot;

    for (run->pages = 0; run->pages < SWAP_CLUSTER && slot < area->slots; slot++) {
        if (!is_to_write(area, slot)) return;
        get_page(area->cached[slot]);
        run->page[run->pages++] = area->cached[slot];
    }
}

/* With one request; if that fails, each for itself: one bad sector is not the end of 32 pages. Answers how
 * many frames are free then. */
static unsigned write_run(struct run *run, enum block_wait wait) {
    struct swap_area *area = run->area;
    int error = move(run, 0, run->pages, true, wait);
    unsigned freed = 0;

    for (unsigned i = 0; i < run->pages; i++) {
        struct page *page = run->page[i];
        int own_error = error && !area->dead ? move(run, i, 1, true, wait) : error;
        if (own_error) {
            write_failed(run, i);
        } else {
            area->failures = 0;
            page->flags &= ~(uint32_t)PG_DIRTY;
        }
        if (!own_error && page->count == 2) {
            drop(area, run->slot + i);
            freed++;
        }
        swap_put_page(page);
    }
    return freed;
}

/* The page stays in memory. Its slot is not used again. */
static void write_failed(struct run *run, unsigned i) {
    struct swap_area *area = run->area;

    if (area->dead) return;
    printk("swap: %s: slot %u cannot be written: its page stays in memory\n", area->device->name,
           run->slot + i);
    swap_set_bit(area->unreliable, run->slot + i);
    if (++area->failures < FAILURES_MAX && !area->device->dead) return;
    area->dead = true;
    printk("swap: %s cannot be written to: no more pages go there\n", area->device->name);
}

/* ---- in ---- */

#define READ_AHEAD 8u /* slots of a window, of which those around the one asked for are read */

static void find_neighbours(struct run *run, uint32_t slot, struct page *frame);
static int read_run(struct run *run, uint32_t slot, enum block_wait wait);
static void settle_run(struct run *run, unsigned good_first, unsigned good_end);

int swap_in(uint64_t value, enum block_wait wait, struct page **page) {
    struct swap_area *area = swap_area_of(value);
    const uint32_t slot = pte_swap_place(value);
    struct run run = {area, slot, 0, {NULL}};

    *page = swap_cache_find(value);
    if (*page) return 0;
    swap_get(value); /* reclaim may end those who have it */
    struct page *frame = alloc_pages(GFP_HIGHUSER, 0, OWNER_USER);
    int error = frame ? 0 : -ENOMEM;
    if (frame) {
        find_neighbours(&run, slot, frame);
        error = read_run(&run, slot, wait);
    }
    if (!error) *page = swap_cache_find(value);
    swap_put(value);
    return error;
}

/* Is there a page in this slot and nowhere else? */
static bool is_out(const struct swap_area *area, uint32_t slot) {
    return area->entries[slot] && !area->cached[slot] && !swap_bit(area->unreliable, slot);
}

/* A frame for a neighbour, if there is one to spare. The slot is held. */
static struct page *frame_for(struct swap_area *area, uint32_t slot) {
    struct page *page = is_out(area, slot) ? alloc_pages(__GFP_HIGHMEM, 0, OWNER_USER) : NULL;

    if (page) area->entries[slot]++;
    return page;
}

/* The slots on both sides, as far as they are out, within the window. */
static void find_neighbours(struct run *run, uint32_t slot, struct page *frame) {
    struct swap_area *area = run->area;
    uint32_t first = slot & ~(READ_AHEAD - 1), end = first + READ_AHEAD, at;
    struct page *page, *window[READ_AHEAD] = {NULL};

    area->entries[slot]++;
    window[slot - first] = frame;
    if (end > area->slots) end = area->slots;
    for (at = slot + 1; at < end && (page = frame_for(area, at)); at++) window[at - first] = page;
    end = at;
    for (at = slot; at > first && (page = frame_for(area, at - 1)); at--)
        window[at - 1 - first] = page;
    run->slot = at;
    run->pages = end - at;
    for (unsigned i = 0; i < run->pages; i++) run->page[i] = window[at - first + i];
}

/* If not all can be read, then the one that is needed. */
static int read_run(struct run *run, uint32_t slot, enum block_wait wait) {
    unsigned wanted = slot - run->slot;
    int error = move(run, 0, run->pages, false, wait);

    if (!error) {
        settle_run(run, 0, run->pages);
        return 0;
    }
    if (run->pages > 1) error = move(run, wanted, 1, false, wait);
    settle_run(run, wanted, error ? wanted : wanted + 1);
    if (!error) return 0;
    swap_set_bit(run->area->unreliable, slot);
    printk("swap: %s: slot %u cannot be read\n", run->area->device->name, slot);
    return -EIO;
}

/* What was read goes into the cache, if it is not there by now and somebody still wants it; the frames of
 * the others go. */
static void settle_run(struct run *run, unsigned good_first, unsigned good_end) {
    struct swap_area *area = run->area;

    for (unsigned i = 0; i < run->pages; i++) {
        uint32_t slot = run->slot + i;
        bool good = i >= good_first && i < good_end;
        if (good && !area->cached[slot] && area->entries[slot] > 1)
            swap_cache_enter(area, slot, run->page[i], 0);
        else
            put_page(run->page[i]);
        area->entries[slot]--;
        swap_slot_settle(area, slot);
    }
}
