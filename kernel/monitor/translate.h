/*
 * translate.h: the way of an address through the page tables, printed.
 */
#ifndef MONITOR_TRANSLATE_H
#define MONITOR_TRANSLATE_H

#include <mm/pgtable.h>

/* What the command pt prints for this address of a space; of the one that is loaded. */
void translate_print_in(const struct mm *mm, virt_addr_t virt);
void translate_print(virt_addr_t virt);

#endif
