/*
 * regions.h: what the kernel's address space is meant to hold. The tables are built from it, and
 * the self-tests and the monitor's `mem` hold it against what a walk finds.
 *
 *   00000000  nothing: NULL and all of the user half
 *   C0000000  page 0: interrupt vectors, BIOS data area     R
 *   C0001000  low memory                                    RW
 *   C00A0000  video memory, uncached                        RW
 *   C00C0000  ROMs                                          R
 *   C0100000  kernel .text                                  R X
 *             kernel .rodata                                R
 *             kernel .data, .bss; guard pages not mapped    RW
 *             all other usable memory, to its end           RW
 *   F8000000  see addr.h: vmalloc(), kmap(), fixmap
 *
 * Everything but .text is NX where the processor has it. Addresses are PAGE_OFFSET + physical.
 */
#ifndef MM_REGIONS_H
#define MM_REGIONS_H

#include <stdint.h>

struct region {
    const char *name;
    uint32_t start, end; /* physical, page aligned, end excluded */
    uint64_t flags;      /* PTE_; 0: not to be mapped */
};

/* Draws the list up from the linker's symbols and the sanitised memory map. */
void regions_init(void);

/* The region of the page at `phys` (below DIRECT_MAP_MAX), or a null pointer for a hole. `end`
 * becomes the first address after it where that answer may change. */
const struct region *region_at(uint32_t phys, uint32_t *end);

#endif
