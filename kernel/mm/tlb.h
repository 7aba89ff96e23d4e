/*
 * tlb.h: the translations that the processor has remembered (SDM 3A §4.10), and how to make it
 * forget. Nothing here changes a table: flush after the change, before the frame has another use.
 *
 *   one page        its entry was present and has changed: INVLPG, global or not
 *   a range         the same for more: INVLPG each, or all when that is less work
 *   all             another address space: loading CR3 keeps what is global, and that is the point
 *   all and global  the kernel's own map has changed in many places: CR4.PGE off and on
 *
 * Of a space that is not loaded the processor remembers nothing but the kernel half, which is the
 * same in all: there is nothing to flush, and the functions see that.
 */
#ifndef MM_TLB_H
#define MM_TLB_H

#include <mm/page.h>
#include <mm/pgtable.h>

/* How often each was done since the start. */
struct tlb_counts {
    uint32_t page, range, all, all_global;
};
extern struct tlb_counts tlb_counts;

/* Loads the root of this space into CR3, which makes the processor forget all that is not global. */
void mm_load(const struct mm *mm);

/* The space that is loaded. */
const struct mm *mm_loaded(void);

/* May the processor remember this address of this space? */
static inline bool tlb_may_hold(const struct mm *mm, virt_addr_t virt) {
    return virt.value >= mm->mode->user_end || mm == mm_loaded();
}

/* The page that holds `virt`. Also empties the paging-structure caches (SDM 3A §4.10.4.1). */
void tlb_flush_page(const struct mm *mm, virt_addr_t virt);

/* Everything but global pages. */
void tlb_flush_all(const struct mm *mm);

/* Everything. */
void tlb_flush_all_global(void);

/*
 * What a change of tables leaves to be done. When to flush (SDM 3A §4.10.4.2, §4.10.4.3):
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
 *
 *   struct tlb_gather gather;
 *   tlb_gather_start(&gather, &kernel_mm);
 *   pt_unmap(&gather, virt, bytes);
 *   tlb_gather_finish(&gather);
 */
#define TLB_GATHER_FRAMES 32

struct tlb_gather {
    const struct mm *mm;
    virt_addr_t first, last; /* the pages that hold these, and all between */
    bool any;                /* is there anything to flush? */
    bool global;             /* a page had G set: loading CR3 does not flush it (§4.10.2.4) */
    struct page *tables;     /* out of use; linked through `private` */
    unsigned frames;         /* each loses a reference after the flush */
    struct page *frame[TLB_GATHER_FRAMES];
};

static inline void tlb_gather_start(struct tlb_gather *gather, const struct mm *mm) {
    gather->mm = mm;
    gather->any = gather->global = false;
    gather->tables = NULL;
    gather->frames = 0;
}

/* A page or more, whose entry was `old`. */
static inline void tlb_gather_page(struct tlb_gather *gather, virt_addr_t virt, uintptr_t bytes,
                                   uint64_t old) {
    virt_addr_t last = virt_addr(virt.value + (bytes - PAGE_SIZE));

    if (!gather->any || virt.value < gather->first.value) gather->first = virt;
    if (!gather->any || last.value > gather->last.value) gather->last = last;
    gather->any = true;
    if (old & PTE_GLOBAL) gather->global = true;
}

/* A table out of use, which was on the way to `virt`. */
void tlb_gather_table(struct tlb_gather *gather, phys_addr_t table, virt_addr_t virt);

/* Flushes, and gives back the frames and the tables. The gather is empty then, and can go on. */
void tlb_gather_finish(struct tlb_gather *gather);

/* A frame that loses a reference after the flush, which comes at once if there are too many. */
static inline void tlb_gather_frame(struct tlb_gather *gather, pfn_t frame) {
    gather->frame[gather->frames++] = pfn_to_page(frame);
    if (gather->frames == TLB_GATHER_FRAMES) tlb_gather_finish(gather);
}

#endif
