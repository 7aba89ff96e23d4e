/*
 * addr.h: three kinds of number that must not be mixed up, each a type of its own.
 *
 * A struct with one member costs nothing, and the compiler refuses a physical address where a
 * virtual one is wanted. Physical addresses have 64 bits in both paging modes: PAE reaches 36 of
 * them and more (SDM 3A §4.4). Chapter: docs/reference/memory-map.md.
 */
#ifndef MM_ADDR_H
#define MM_ADDR_H

#include <ascent/layout.h>
#include <stdint.h>

typedef struct {
    uint64_t value;
} phys_addr_t;

/* A linear address: what paging translates. 32 bits here, the host's width in host tests. */
typedef struct {
    uintptr_t value;
} virt_addr_t;

/* Page-frame number: physical address / PAGE_SIZE. */
typedef struct {
    uint32_t value;
} pfn_t;

/*
 * The kernel's quarter of the linear addresses:
 *
 *   C0000000  direct map of physical 0 to 896 MB (direct_map.h)
 *   F8000000  8 MB of nothing: what runs past the end of the direct map faults
 *   F8800000  vmalloc(), ioremap(): pieces with a guard page behind each
 *   FF800000  kmap(): 512 pages of HIGHMEM
 *   FFC00000  fixmap: addresses with one use, known when the kernel is compiled
 *   FFD00000  nothing
 *
 * Linux calls the end of the direct map the end of ZONE_NORMAL.
 */
#define DIRECT_MAP_MAX 0x38000000u
#define VMALLOC_START 0xF8800000u
#define VMALLOC_END 0xFF800000u
#define KMAP_START 0xFF800000u
#define KMAP_PAGES 512
#define FIXMAP_START 0xFFC00000u

static inline phys_addr_t phys_addr(uint64_t value) {
    return (phys_addr_t){value};
}

static inline uintptr_t whole_pages(uintptr_t bytes) {
    return (bytes + PAGE_SIZE - 1) & ~(uintptr_t)(PAGE_SIZE - 1);
}

static inline virt_addr_t virt_addr(uintptr_t value) {
    return (virt_addr_t){value};
}

static inline pfn_t pfn(uint32_t value) {
    return (pfn_t){value};
}

static inline phys_addr_t pfn_to_phys(pfn_t frame) {
    return phys_addr((uint64_t)frame.value << PAGE_SHIFT);
}

/* The frame that holds this byte. */
static inline pfn_t phys_to_pfn(phys_addr_t phys) {
    return pfn((uint32_t)(phys.value >> PAGE_SHIFT));
}

#endif
