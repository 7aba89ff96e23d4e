/*
 * setup.h: what the kernel switches on in the processor.
 */
#ifndef CPU_SETUP_H
#define CPU_SETUP_H

#include <stdint.h>

/* Caches, and the x87's errors as exceptions. Some BIOSes leave both as they were after reset. */
void cpu_setup(void);

/* What protects the kernel: global pages, SMEP, SMAP and UMIP, where the processor has them. Needs the
 * kernel's own page tables, without the identity map. */
void cpu_protect(void);

/* Not 0: SMAP is on, so that CLAC and STAC are instructions (for isr.asm). */
extern uint8_t smap_is_on;

#endif
