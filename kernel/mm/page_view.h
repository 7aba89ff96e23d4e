/*
 * page_view.h: what is at an address of a process, and why: what its area promises beside what the
 * page tables say now. For people: the monitor's vm, and /proc.
 */
#ifndef MM_PAGE_VIEW_H
#define MM_PAGE_VIEW_H

#include <mm/vma.h>

/* Why a page is there, or is not. */
enum page_reason {
    PAGE_NOT_TOUCHED, /* nobody has used it: the first access brings it in */
    PAGE_OF_ZEROS,    /* only read so far: the frame that all share */
    PAGE_OWN,         /* a frame of this process alone: written to */
    PAGE_OF_FAMILY,   /* shared since fork(): the first who writes gets a copy */
    PAGE_OF_FILE,     /* the file's own frame: a write is seen by all */
    PAGE_TO_COPY,     /* the file's own frame, until the first write makes a copy */
    PAGE_HIDDEN,      /* a frame is kept, but PROT_NONE */
    PAGE_SWAPPED,     /* in a slot of a swap area, and nowhere else */
    PAGE_SWAP_CACHED, /* the same, but its frame is still, or again, in memory */
    PAGE_REASONS,
};

/* A page, or several neighbours that were not touched yet. */
struct page_view {
    uint32_t start, end;
    enum page_reason reason;
    uint32_t frame; /* its number; PAGE_SWAPPED has none */
    uint32_t users; /* references to the frame, the file's own included; or entries that name the slot */
    unsigned area;  /* of PAGE_SWAPPED and PAGE_SWAP_CACHED: the swap area, and its slot */
    uint32_t slot;
    bool readable, writable, executable, accessed, dirty; /* as the entries say, of all levels */
};

/* The page of an area that is at `address`; or those, up to `end`, that nobody has touched. */
struct page_view page_view(const struct mm_struct *mm, const struct vm_area_struct *area,
                           uint32_t address);

/* A few words, such as "page of zeros". */
const char *page_reason_name(enum page_reason reason);

#endif
