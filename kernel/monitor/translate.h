/*
 * translate.h: the way of an address through the page tables, printed.
 */
#ifndef MONITOR_TRANSLATE_H
#define MONITOR_TRANSLATE_H

#include <mm/addr.h>

/* What the command pt prints for this address. */
void translate_print(virt_addr_t virt);

#endif
