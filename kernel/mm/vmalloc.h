/*
 * vmalloc.h: linear addresses that are contiguous, over frames that need not be; and the same for
 * the registers of a device. A guard page that is never mapped lies behind each.
 */
#ifndef MM_VMALLOC_H
#define MM_VMALLOC_H

#include <mm/vm_area.h>

/*
 * `bytes`, rounded up to whole pages, readable and writable, not executable; frames from any zone.
 * A null pointer if there are too few frames or addresses, or bytes is 0. Not in interrupt handlers.
 */
void *vmalloc(size_t bytes);
void *vzalloc(size_t bytes); /* filled with zeros */

/* Gives it back. Panics if the address is not the start of what vmalloc() answered. */
void vfree(void *address);

/*
 * The `bytes` of a device at `phys`, which need not be aligned: uncached (PCD and PWT), so that each
 * access reaches the device (SDM 3A §11.5.2, table 11-7). A null pointer if there are too few
 * addresses, if no entry can name `phys`, or, with a warning, if any of it is RAM. iounmap() takes
 * the address back.
 */
void *ioremap(phys_addr_t phys, size_t bytes);
void iounmap(void *address);

/* The area of this address, guard page included, or a null pointer: for reports of page faults. */
const struct vm_area *vmalloc_area(virt_addr_t virt);

/* All areas, for the monitor. */
extern struct vm_region vmalloc_region;

#endif
