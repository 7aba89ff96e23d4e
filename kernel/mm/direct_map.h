/*
 * direct_map.h: physical memory as the kernel sees it: all of it below DIRECT_MAP_MAX lies at
 * PAGE_OFFSET + physical. Host tests have a header of this name with an array for memory.
 */
#ifndef MM_DIRECT_MAP_H
#define MM_DIRECT_MAP_H

#include <mm/addr.h>

/* Only for physical addresses in the direct map. */
static inline void *phys_to_virt(phys_addr_t phys) {
    return (void *)((uintptr_t)phys.value + PAGE_OFFSET);
}

/* Only for pointers into the direct map: the kernel image, frames below DIRECT_MAP_MAX. */
static inline phys_addr_t virt_to_phys(const volatile void *pointer) {
    return phys_addr((uintptr_t)pointer - PAGE_OFFSET);
}

#endif
