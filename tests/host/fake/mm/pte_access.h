/*
 * pte_access.h for host tests: each access is checked, and the test plays the processor, which may
 * set A and D in any entry just before one is replaced (table_memory.h).
 */
#ifndef MM_PTE_ACCESS_H
#define MM_PTE_ACCESS_H

#include <mm/paging.h>

uint64_t pte_read(const void *slot, unsigned entry_bytes);
void pte_fill(void *slot, unsigned entry_bytes, uint64_t value);
bool pte_replace(void *slot, unsigned entry_bytes, uint64_t *expected, uint64_t value);
uint64_t pte_clear(void *slot, unsigned entry_bytes);

#endif
