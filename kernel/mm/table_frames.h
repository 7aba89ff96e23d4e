/*
 * table_frames.h: the frames that page tables lie in, all of them in the direct map. How many
 * entries of a table are not 0 is counted in its frame's descriptor.
 */
#ifndef MM_TABLE_FRAMES_H
#define MM_TABLE_FRAMES_H

#include <mm/page.h>

/* An empty table; 0 if there is no frame. */
phys_addr_t table_alloc(void);

/* Gives it back, whatever it holds. */
void table_free(phys_addr_t table);

/*
 * While the kernel takes over: tables come from the early allocator, below `limit`, as far as they
 * can be written to. Those are never given back. Afterwards they come from the buddy allocator.
 */
void tables_from_early(phys_addr_t limit);
void tables_from_buddy(void);

/* The table that this slot lies in. */
static inline phys_addr_t table_of(const void *slot) {
    return phys_addr(virt_to_phys(slot).value & ~(uint64_t)(PAGE_SIZE - 1));
}

/* Counts so many more entries in the table of this slot, and answers how many there are: 1 for a
 * table of the early allocator, of which nobody knows. */
static inline uint32_t table_count(const void *slot, int more) {
    struct page *page = pfn_to_page(phys_to_pfn(virt_to_phys(slot)));
    if (!page || page->flags & PG_RESERVED) return 1;
    page->used_entries += (uint32_t)more;
    return page->used_entries;
}

#endif
