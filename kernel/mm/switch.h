/*
 * switch.h: from one paging mode to another, with paging off in between (switch.asm).
 */
#ifndef MM_SWITCH_H
#define MM_SWITCH_H

#include <stdint.h>

/*
 * Loads CR4 and CR3 while CR0.PG is 0, and returns with paging on again.
 * Needs: interrupts and NMI off; the kernel text identity-mapped in the old and in the new tables;
 * the stack and the caller at the same linear addresses in both.
 */
void paging_switch(uint32_t cr3, uint32_t cr4);

#endif
