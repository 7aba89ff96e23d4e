/*
 * paging_change.h: takes away and changes what page_map() mapped.
 *
 * The processor keeps translations in its TLB, and entries of the upper tables in its
 * paging-structure caches (SDM 3A §4.10). Neither sees a change of the tables. So each function
 * adds to a struct tlb_range what is out of date; the caller flushes once, at the end of all:
 *
 *   struct tlb_range range = {0};
 *   page_unmap(&tables, virt, bytes, &range);
 *   ... flush range.first ... range.last, if range.any ...
 *   page_free_tables(&range);
 */
#ifndef MM_PAGING_CHANGE_H
#define MM_PAGING_CHANGE_H

#include <mm/paging.h>

/*
 * What must be flushed. When to (SDM 3A §4.10.4.2, §4.10.4.3):
 *
 *   not present -> present   no: the TLB never holds an entry with P = 0
 *   present -> not present   yes, and only then may the frame get another use
 *   less rights              yes: until then the old ones may hold
 *   more rights              could do without, at the price of a page fault for nothing: yes
 *   the same as before       no
 *
 * A table that is out of use may be reused only after the flush, just as a frame: until then the
 * paging-structure caches may lead the processor into it, and whatever it holds by then would be
 * taken for entries (§4.10.3, §4.10.4.2). One INVLPG of any address empties these caches.
 */
struct tlb_range {
    virt_addr_t first, last; /* the pages that hold these, and all between */
    bool any;                /* is there anything to flush? */
    bool global;             /* a page had G set: loading CR3 does not flush it (§4.10.2.4) */
    phys_addr_t freed;       /* tables out of use, for page_free_tables() */
};

/*
 * Unmaps `bytes` at `virt`, both multiples of PAGE_SIZE, mapped or not: every entry of the range
 * becomes 0. A large page that reaches beyond the range is split. Tables that became empty are
 * freed, but for the root and its fixed tables (page_root_fill()). The frames are the caller's to
 * free, after the flush. Tables that two root entries share, as while the identity map is kept at
 * boot, are not known as such: no unmapping then.
 *
 * PAGE_NO_MEMORY: there was no table for a split; nothing was unmapped.
 */
enum page_error page_unmap(const struct page_tables *tables, virt_addr_t virt, uint64_t bytes,
                           struct tlb_range *range);

/*
 * Gives what is mapped of `bytes` at `virt`, both multiples of PAGE_SIZE, the PTE_ `flags`, as in
 * page_map(). Frames, Accessed and Dirty stay; what is not mapped stays so. A large page that
 * reaches beyond the range is split.
 *
 * PAGE_NO_MEMORY: there was no table for a split; no rights were changed.
 */
enum page_error page_protect(const struct page_tables *tables, virt_addr_t virt, uint64_t bytes,
                             uint64_t flags, struct tlb_range *range);

/*
 * Splits the large page that holds `virt` into a table of pages of the next level: 4 KB in both
 * modes of the kernel. Nothing to do where there is no large page. At any time every address in it
 * is mapped, to the same byte and with the same rights: the table is filled first, then one entry
 * is replaced.
 */
enum page_error page_split(const struct page_tables *tables, virt_addr_t virt,
                           struct tlb_range *range);

/* After the flush: gives back the tables that are out of use. The range is then empty again. */
void page_free_tables(struct tlb_range *range);

#endif
