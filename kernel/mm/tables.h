/*
 * tables.h: where the frames of page tables come from.
 */
#ifndef MM_TABLES_H
#define MM_TABLES_H

#include <mm/addr.h>

/* While the kernel takes over: from the early allocator, below `limit`, as far as tables can be
 * written to. Those stay tables for ever. */
void tables_from_early(phys_addr_t limit);

/* From now on: from the buddy allocator. */
void tables_from_buddy(void);

#endif
