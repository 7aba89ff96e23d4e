/*
 * user_pages.h: the pages of a space that are in memory: what the entries of its page tables say,
 * and how many there are of each kind. An entry of the user half is one of
 *
 *   0                     the page was not used yet (or was given up): fault.c brings it in
 *   P=1  page of zeros    only read so far; the first write brings a frame
 *   P=1  OWNER_USER       a frame of processes: written to; shared after fork() if its count is > 1
 *   P=1  other owner      a frame of a file, which has a reference of its own: private areas copy
 *                         it before they write; may be given up (0) if it can be had again
 *   P=0  PTE_HIDDEN       one of the last three, but PROT_NONE: the frame is kept
 *   P=0  PTE_SWAPPED      the page is in a swap area (swap.h): fault.c brings it back
 *
 * Each entry that names a frame has one reference to it; one that names a slot counts there. The clock
 * may make the former the latter whenever memory is allocated or user memory is accessed: who has read an
 * entry before reads it again afterwards.
 */
#ifndef MM_USER_PAGES_H
#define MM_USER_PAGES_H

#include <mm/buddy.h>
#include <mm/swap.h>
#include <mm/tlb.h>
#include <mm/vma.h>

/* What is read where nothing was written: one frame for all. */
extern struct page *zero_page;

/* Makes the page of zeros: once. */
void user_pages_init(void);

/* The bits of an entry of this area that let all do what the area lets them do, but write. */
uint64_t area_entry_flags(const struct mm_struct *mm, const struct vm_area_struct *area);

/* The frame that an entry which is not 0 names. */
static inline struct page *entry_frame(const struct paging_mode *mode, uint64_t value) {
    struct page *page = pfn_to_page(phys_to_pfn(pte_phys(mode, value)));
    if (!page) __builtin_unreachable(); /* it was in the hands of who made the entry */
    return page;
}

/* Counts a page in or out: `more` is 1 or -1. */
void user_page_count(struct mm_struct *mm, const struct page *page, int more);

/* May this frame be written to by whoever has it privately: nobody else has it? Then it has no
 * slot in a swap area any more. */
static inline bool user_page_take(struct page *page) {
    return page_owner(page) == OWNER_USER && swap_take(page);
}

/* The other of a frame that may be in the swap cache, which is to have it no longer than others do. */
static inline void user_page_put(struct page *page) {
    if (page->flags & PG_SWAPCACHE)
        swap_put_page(page);
    else
        put_page(page);
}

/* A frame of OWNER_USER with what is in another. A null pointer: no memory. Making room may put out pages of
 * programs, `from` too if the caller has no reference. */
struct page *copy_page(struct page *from);

/* ---- one page out and in; `pte` is its entry as it is now ---- */

/* An entry that names a frame of OWNER_USER names a slot afterwards; one of a file that can be had again is 0.
 * The frame loses the reference with the gather. False: it is another frame, no slot is free, or it
 * is the last entry of its table and of a file. */
bool user_page_out(struct tlb_gather *gather, struct mm_struct *mm,
                   const struct vm_area_struct *area, const struct pte *pte, virt_addr_t virt);

/* An entry that names a slot names its frame afterwards, to read only; it takes over the caller's
 * reference. */
void user_page_in(struct mm_struct *mm, const struct vm_area_struct *area, const struct pte *pte,
                  struct page *page);

/* Counts all of a space: rss_anon, rss_file, rss_shmem and swapped. */
void user_pages_count(struct mm_struct *mm);

/* The end of the pages and tables of a space that is not loaded. */
void user_pages_destroy(struct mm_struct *mm);

/* ---- ranges of an area; `gather` is of its space ---- */

/* Takes all pages out. */
void user_pages_unmap(struct tlb_gather *gather, struct mm_struct *mm, uint32_t start,
                      uint32_t end);

/* The rights of the area have changed: those of its entries follow. What may be written to now gets
 * its right when it is, from fault.c. */
void user_pages_protect(struct tlb_gather *gather, struct mm_struct *mm,
                        const struct vm_area_struct *area, uint32_t start, uint32_t end);

/* fork(): the pages of an area are the child's too. -ENOMEM: some are; the child has to go. */
int user_pages_fork(struct tlb_gather *gather, struct mm_struct *child,
                    const struct vm_area_struct *area);

/* mremap(): the pages from `start` on are at `to` too, where none were. They have
 * to be taken out at `start` next. -ENOMEM: nothing has changed. */
int user_pages_move(struct tlb_gather *gather, struct mm_struct *mm, uint32_t start, uint32_t end,
                    uint32_t to);

#endif
