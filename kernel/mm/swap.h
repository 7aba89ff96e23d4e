/*
 * swap.h: pages of processes that lie on a disk.
 *
 *   entry of a page table     slot of an area (a block device)      frame
 *   P=0, PTE_SWAPPED   ---->  entries: how many name it
 *                             cached: its frame, if it is in memory  ----> PG_SWAPCACHE,
 *                                                                          `private` is the slot
 *
 * The page goes out in two steps. First each entry becomes a swap entry, and the frame is in the swap
 * cache (user_page_out()); then the frame is written, and may go (swap_write_out()). Both ways back
 * from there are free of the disk for as long as the frame is in the cache.
 *
 * A frame in the cache has a reference of the cache's. It is never changed: who writes to it takes it
 * out if nobody else has it (swap_take()), or has a copy. So two tasks that need one slot at the
 * same time may both read it, and nobody waits for another task: see enum block_wait.
 *
 * Kept per slot, in arrays made at swapon; nothing here allocates but swap_on() and swap_in().
 */
#ifndef MM_SWAP_H
#define MM_SWAP_H

#include <block/block.h>
#include <mm/page.h>
#include <mm/paging.h>

/* ---- entries: `value` is that of an entry, or of PG_SWAPCACHE's `private` ---- */

/* One entry more that names the slot; one fewer: the last one frees it, and its frame. */
void swap_get(uint64_t value);
void swap_put(uint64_t value);

/* How many name it. */
uint32_t swap_entries(uint64_t value);

/* ---- the cache ---- */

/* The entry for a frame of the cache. */
static inline uint64_t swap_value(const struct page *page) {
    return (uint32_t)(uintptr_t)page->private;
}

/* A slot for a frame of OWNER_USER, which nobody may write to any more: it is in the cache
 * afterwards (as it may have been before), and differs from the disk. False: no slot is free. */
bool swap_cache_add(struct page *page);

/* The frame of a slot, with a reference of the caller's, if it is in the cache; else a null
 * pointer. */
struct page *swap_cache_find(uint64_t value);

/* Is there one? */
bool swap_is_cached(uint64_t value);

/* Gives up a reference to a frame of OWNER_USER, as put_page(); and the cache's, if it is kept for
 * nobody else then. */
void swap_put_page(struct page *page);

/* Is the caller, who has a reference, the only one who has this frame of OWNER_USER? Then it is in
 * the cache no more, and may be written to. */
bool swap_take(struct page *page);

/* Are so many slots in use that a page which is in memory should not keep its own? */
bool swap_is_short(void);

/* ---- to the disk and back ---- */

/* The frame of a slot, with a reference of the caller's: from the cache, or read, with a few of its
 * neighbours. 0; -ENOMEM; -EIO: it cannot be read, which the log says. While it waits with
 * BLOCK_SLEEP everything may change: the caller looks at its entry again. */
int swap_in(uint64_t value, enum block_wait wait, struct page **page);

/* Of the frames in the cache that nobody has mapped, frees `pages` if it can: those that differ from
 * the disk are written before, in clusters of neighbours. Answers how many were freed. */
unsigned swap_write_out(unsigned pages, enum block_wait wait);

/* ---- areas ---- */

/* Begins to swap to a device. 0; -EINVAL: its header is not right, the log says why, and nothing was
 * written; -EBUSY: it is in use; -ENOMEM; -EIO; -EPERM: too many areas. */
int swap_on(struct block_device *device);

/* Brings back all that lies there, and ends its use. -EINVAL: it was not in use; -ENOMEM, -EIO,
 * -EINTR (a signal has come): not all was brought back, it stays in use. May sleep. */
int swap_off(struct block_device *device);

/* Memory has run out: areas that swap_off() is at work at can be used again at once, and it will answer
 * -ENOMEM. There may have been room when it began. False: there is no such area. */
bool swap_off_refuse(void);

/* ---- looking ---- */

#define SWAP_AREAS PTE_SWAP_AREAS

/* All that can be used, what is free of it, and frames in the cache; in pages. */
uint32_t swap_total(void);
uint32_t swap_free(void);
uint32_t swap_cached(void);

/* Pages read and written since the start. */
struct swap_counts {
    uint32_t in, out;
};
extern struct swap_counts swap_counts;

/* Area `index`, as /proc/swaps shows it. False: there is no such area. */
struct swap_view {
    const struct block_device *device;
    uint32_t pages, used;
    int priority;
};
bool swap_view(unsigned index, struct swap_view *view);

#endif
