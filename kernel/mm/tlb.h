/*
 * tlb.h: the translations that the processor has remembered (SDM 3A §4.10), and how to make it
 * forget. Nothing here changes a table: flush after the change, before the frame has another use.
 *
 *   one page        its entry was present and has changed: INVLPG, global or not
 *   a range         the same for more: INVLPG each, or all when that is less work
 *   all             another address space: loading CR3 keeps what is global, and that is the point
 *   all and global  the kernel's own map has changed in many places: CR4.PGE off and on
 *
 * Not present to present needs none of them: P = 0 is never remembered (§4.10.2.3).
 */
#ifndef MM_TLB_H
#define MM_TLB_H

#include <mm/paging_change.h>

/* How often each was done since the start. */
struct tlb_counts {
    uint32_t page, range, all, all_global;
};
extern struct tlb_counts tlb_counts;

/* The page that holds `virt`. Also empties the paging-structure caches (SDM 3A §4.10.4.1). */
void tlb_flush_page(virt_addr_t virt);

/* What page_unmap(), page_protect() or page_split() put into `range`; then the tables that went out
 * of use are given back. The range is empty afterwards. */
void tlb_flush_range(struct tlb_range *range);

/* Everything but global pages. */
void tlb_flush_all(void);

/* Everything. */
void tlb_flush_all_global(void);

#endif
