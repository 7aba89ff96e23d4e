/*
 * physical.c: physical memory that nobody has mapped.
 */
#include <cpu/fixup.h>
#include <lib/string.h>
#include <mm/direct_map.h>
#include <mm/physical.h>
#include <mm/vmalloc.h>

bool physical_read(uint64_t phys, void *to, uint32_t bytes) {
    if (bytes <= DIRECT_MAP_MAX && phys <= DIRECT_MAP_MAX - bytes &&
        try_copy(to, phys_to_virt(phys_addr(phys)), bytes) == 0)
        return true;

    void *from = ioremap(phys_addr(phys), bytes);
    if (!from) return false;
    memcpy(to, from, bytes);
    iounmap(from);
    return true;
}
