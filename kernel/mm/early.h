/*
 * early.h: the allocator before the allocator. It knows the usable memory of the map, and a table
 * of who has which frames of it.
 *
 * What holds something already is reserved first; then page tables and page descriptors are taken
 * from what is left; then the buddy allocator takes over, and this one is retired. It never frees.
 */
#ifndef MM_EARLY_H
#define MM_EARLY_H

#include <ascent/boot_info.h>
#include <mm/page.h>

#define EARLY_RANGES_MAX 64

/* Neighbouring usable frames that have the same owner; OWNER_FREE if nobody has them. */
struct early_run {
    uint32_t first, end; /* frame numbers, end excluded */
    enum page_owner owner;
};

/*
 * Starts with every usable frame free. `map` is sorted, without overlaps, and stays where it is
 * until early_retire(). Usable are the frames that lie in a usable range as a whole, but never
 * frame 0; memory above 16 TB is not seen.
 */
void early_init(const struct memory_range *map, uint32_t count);

/*
 * Every frame that [phys, phys + bytes) touches belongs to `owner` from now on, except those that
 * belong to somebody already: the first claim stands. Panics if there are more ranges than
 * EARLY_RANGES_MAX, where neighbours of one owner count as one.
 */
void early_reserve(phys_addr_t phys, uint64_t bytes, enum page_owner owner);

/*
 * Takes `bytes`, rounded up to whole frames, aligned to `align` (a power of two; at least
 * PAGE_SIZE is what you get), all of it below `limit`. The contents are unknown.
 * Answers 0 if there is no such place. Panics as early_reserve() does.
 */
phys_addr_t early_alloc(uint64_t bytes, uint64_t align, enum page_owner owner, phys_addr_t limit);

/*
 * The first run of usable frames at frame `from` or above it; false if there is none. Starting at
 * 0 and going on at run->end visits each usable frame once.
 */
bool early_next_run(uint32_t from, struct early_run *run);

/* The buddy allocator has everything. From now on, any call but early_init() is a panic. */
void early_retire(void);

#endif
