/*
 * vm_area.h: who has which range of linear addresses, for vmalloc() and ioremap().
 *
 *   region   |area....|g|area|g|      hole      |area.......|g|  hole  |
 *
 * Behind each area lies a guard page (g), which is never mapped: to run past the end is a page
 * fault, and vm_area_find() knows past the end of what. Only addresses are handed out here: mapping
 * them is the caller's business, and so is the memory of struct vm_area, so that this needs none.
 */
#ifndef MM_VM_AREA_H
#define MM_VM_AREA_H

#include <mm/addr.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an area is for. */
#define VM_AREA_VMALLOC 0x1u
#define VM_AREA_IOREMAP 0x2u

struct vm_area {
    virt_addr_t start;
    uintptr_t bytes; /* as asked for; it takes whole pages */
    unsigned flags;
    const void *caller; /* code that asked for it */
    struct vm_area *next;
};

/* Multiples of PAGE_SIZE; not page 0, and not the last page before 4 GB. */
struct vm_region {
    virt_addr_t start, end;
    struct vm_area *first; /* sorted by address */
};

struct vm_region_stats {
    uint32_t areas;
    uintptr_t used, guards, free; /* bytes: together the region */
    uintptr_t largest;            /* the most that vm_area_alloc() would give now */
};

/*
 * Fills in `area`, which the caller keeps until vm_area_free(): the lowest range that has room for
 * `bytes`, in whole pages, and the guard page. False if there is none, or bytes is 0.
 */
bool vm_area_alloc(struct vm_region *region, struct vm_area *area, uintptr_t bytes, unsigned flags,
                   const void *caller);

/* Ends an area, of which nothing is mapped any more, nor in the TLB. False if the region has no
 * such area: it was freed before, or never handed out. */
bool vm_area_free(struct vm_region *region, const struct vm_area *area);

/* The area that holds this address in its pages or in its guard page, or NULL. */
struct vm_area *vm_area_find(const struct vm_region *region, virt_addr_t virt);

/* Is the address, which vm_area_find() found in this area, in the guard page? */
bool vm_area_is_guard(const struct vm_area *area, virt_addr_t virt);

void vm_region_stats(const struct vm_region *region, struct vm_region_stats *stats);

#endif
