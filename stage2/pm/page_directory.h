/*
 * page_directory.h: an entry of the loader's page directory (32-bit paging, SDM 3A §4.3).
 *
 *   31             22 21             12 11  9  8  7   6  5   4   3   2   1   0
 *  +-----------------------------------+-----+--+---+--+--+---+---+---+---+---+
 *  | physical address, bits 31-12      |     | G| PS| D| A|PCD|PWT|U/S|R/W| P |
 *  +-----------------------------------+-----+--+---+--+--+---+---+---+---+---+
 *
 * PS = 0: of a page table; PS = 1, with CR4.PSE: of a 4 MB page, and bits 21-12 are 0.
 */
#ifndef STAGE2_PAGE_DIRECTORY_H
#define STAGE2_PAGE_DIRECTORY_H

#include <stdint.h>

#include "boot.h"

#define TABLE_ENTRIES 1024 /* of the directory, and of a page table */
#define PDE_SHIFT 22
#define PAGE_P 0x001  /* present */
#define PAGE_RW 0x002 /* writable */
#define PAGE_PS 0x080
#define ADDRESS_MASK 0xFFFFF000u

static inline uint32_t *page_directory(void) {
    return (uint32_t *)boot_info.page_directory_phys;
}

#endif
