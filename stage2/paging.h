/*
 * paging.h: the loader's page tables.
 */
#ifndef STAGE2_PAGING_H
#define STAGE2_PAGING_H

#include <ascent/errors.h>
#include <stdint.h>

/*
 * Decides how much is mapped and with what pages, and takes room for page tables if 4 KB pages
 * are needed. Real mode; the tables are filled in by page_tables_build() later.
 * Returns BOOT_OK or E_NO_ROOM_TABLES.
 */
enum boot_error paging_plan(void);

/* What handover.asm loads: CR3, the bits to set in CR4, and the kernel's entry point. */
extern uint32_t handover_cr3, handover_cr4, handover_entry;

#endif
