/*
 * mm.h: the kernel takes over memory.
 */
#ifndef MM_MM_H
#define MM_MM_H

#include <mm/pgtable.h>

/*
 * Chooses the paging mode, builds the kernel's own tables with W^X, loads them (step kernel-cr3),
 * removes the identity map (step zap-identity), and starts the allocators.
 * Needs: boot_info and the maps copied, cpuid_detect() done, interrupts off, the kernel's own GDT,
 * IDT and stack; the loader's tables in use, identity map included. Panics when memory runs out.
 */
void mm_init(void);

#endif
