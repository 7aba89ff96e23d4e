/*
 * place.h: linear addresses for lessons and tests to map things at, taken from where vmalloc() has its
 * own.
 */
#ifndef MM_PLACE_H
#define MM_PLACE_H

#include <mm/buddy.h>
#include <mm/direct_map.h>
#include <mm/tlb.h>
#include <mm/vmalloc.h>

/* The space that all is done in. */
static const struct mm *place_mm = &kernel_mm;

/* Nothing is mapped there. A start of 0: there are no such addresses. */
static inline virt_addr_t place_take(struct vm_area *area, uint32_t bytes) {
    if (!vm_area_alloc(&vmalloc_region, area, bytes, VM_AREA_VMALLOC, __builtin_return_address(0)))
        return virt_addr(0);
    return area->start;
}

/* Nothing must be mapped there any more. */
static inline void place_give(const struct vm_area *area) {
    vm_area_free(&vmalloc_region, area);
}

static inline enum map_error place_map(virt_addr_t virt, const struct page *page, uint32_t bytes) {
    return pt_map(place_mm, virt, page_to_phys(page), bytes, MAP_KERNEL_DATA);
}

static inline enum map_error place_unmap(virt_addr_t virt, uint32_t bytes) {
    struct tlb_gather gather;
    tlb_gather_start(&gather, place_mm);
    enum map_error error = pt_unmap(&gather, virt, bytes);
    tlb_gather_finish(&gather);
    return error;
}

/* An address for one page, with `page` mapped there; place_drop() takes both back. False, with nothing
 * kept, for want of addresses or of a page table. */
static inline bool place_page(struct vm_area *area, const struct page *page) {
    if (!place_take(area, PAGE_SIZE).value) return false;
    if (!place_map(area->start, page, PAGE_SIZE)) return true;
    place_give(area);
    return false;
}

static inline void place_drop(const struct vm_area *area) {
    place_unmap(area->start, PAGE_SIZE);
    place_give(area);
}

static inline enum map_error place_protect(virt_addr_t virt, uint32_t bytes, uint64_t set,
                                           uint64_t clear) {
    struct tlb_gather gather;
    tlb_gather_start(&gather, place_mm);
    enum map_error error = pt_protect(&gather, virt, bytes, set, clear);
    tlb_gather_finish(&gather);
    return error;
}

static inline enum map_error place_split(virt_addr_t virt) {
    struct tlb_gather gather;
    tlb_gather_start(&gather, place_mm);
    enum map_error error = pt_split(&gather, virt);
    tlb_gather_finish(&gather);
    return error;
}

static inline bool place_join(virt_addr_t virt) {
    struct tlb_gather gather;
    tlb_gather_start(&gather, place_mm);
    bool joined = pt_join(&gather, virt);
    tlb_gather_finish(&gather);
    return joined;
}

static inline struct translation place_walk(virt_addr_t virt) {
    return pt_translate(place_mm, virt);
}

/* The first word of a page, `page` pages behind `virt`. */
static inline volatile uint32_t *place_word(virt_addr_t virt, uint32_t page) {
    return (volatile uint32_t *)(virt.value + page * PAGE_SIZE);
}

/* The same in the direct map. */
static inline volatile uint32_t *frame_word(const struct page *page, uint32_t number) {
    return (volatile uint32_t *)phys_to_virt(pfn_to_phys(pfn(page_to_pfn(page).value + number)));
}

#endif
