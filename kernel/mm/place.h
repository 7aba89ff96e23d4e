/*
 * place.h: linear addresses for lessons and tests to map things at, taken from where vmalloc() has its
 * own.
 */
#ifndef MM_PLACE_H
#define MM_PLACE_H

#include <mm/buddy.h>
#include <mm/direct_map.h>
#include <mm/mm.h>
#include <mm/tlb.h>
#include <mm/vmalloc.h>

#define PLACE_READ_ONLY (PTE_PRESENT | PTE_GLOBAL | PTE_NX)
#define PLACE_DATA (PLACE_READ_ONLY | PTE_WRITE)

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

static inline enum page_error place_map(virt_addr_t virt, const struct page *page, uint32_t bytes) {
    return page_map(&kernel_tables, virt, page_to_phys(page), bytes, PLACE_DATA);
}

static inline enum page_error place_unmap(virt_addr_t virt, uint32_t bytes) {
    struct tlb_range range = {.any = false};
    enum page_error error = page_unmap(&kernel_tables, virt, bytes, &range);
    tlb_flush_range(&range);
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

static inline enum page_error place_protect(virt_addr_t virt, uint32_t bytes, uint64_t flags) {
    struct tlb_range range = {.any = false};
    enum page_error error = page_protect(&kernel_tables, virt, bytes, flags, &range);
    tlb_flush_range(&range);
    return error;
}

static inline enum page_error place_split(virt_addr_t virt) {
    struct tlb_range range = {.any = false};
    enum page_error error = page_split(&kernel_tables, virt, &range);
    tlb_flush_range(&range);
    return error;
}

static inline struct page_walk place_walk(virt_addr_t virt) {
    struct page_walk walk;
    page_walk(&kernel_tables, virt, &walk);
    return walk;
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
