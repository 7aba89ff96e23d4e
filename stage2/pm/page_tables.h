/*
 * page_tables.h: the 32-bit side of paging.h, called by handover.asm.
 */
#ifndef STAGE2_PAGE_TABLES_H
#define STAGE2_PAGE_TABLES_H

#include <ascent/errors.h>
#include <stdint.h>

/* Fills in the tables that paging_plan() planned, and handover_cr3, _cr4, _has_cr4 and _entry. */
void page_tables_build(void);

/*
 * Walks them in software for everything that the processor touches on its way to the kernel, and
 * stops with E_PAGE_WALK where it would fault: the IDT has no gate for it, so that would be a reset.
 */
void page_tables_check(void);

/* Prints the error on screen and COM1, without the BIOS, and stops. */
void __attribute__((noreturn)) pm_fail(enum boot_error error, const char *name, uint32_t value);

#endif
