/*
 * switch.h: from the loader's classic page tables to PAE ones (switch.c).
 */
#ifndef MM_SWITCH_H
#define MM_SWITCH_H

#include <mm/addr.h>

/*
 * Loads CR3 with a PAE root, a whole page of which the first 32 bytes are in use, and sets CR4.PAE.
 * Needs: classic paging, with the kernel's addresses in the tables of both; the root in the direct map.
 */
void switch_to_pae(phys_addr_t root);

#endif
