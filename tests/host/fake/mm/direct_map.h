/*
 * direct_map.h for host tests: physical memory is an array that the test provides.
 */
#ifndef MM_DIRECT_MAP_H
#define MM_DIRECT_MAP_H

#include <mm/addr.h>

extern uint8_t *host_memory; /* physical 0 */

static inline void *phys_to_virt(phys_addr_t phys) {
    return host_memory + phys.value;
}

static inline phys_addr_t virt_to_phys(const volatile void *pointer) {
    return phys_addr((uint64_t)((const volatile uint8_t *)pointer - host_memory));
}

#endif
