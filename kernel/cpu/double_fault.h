/*
 * double_fault.h: the last handler before the machine resets, on a stack and a task of its own.
 *
 * When a push meets the guard page below the kernel's stack, the page fault cannot be reported on
 * that stack either: that is a double fault. Vector 8 is a task gate (SDM 3A §7.3), so that the
 * processor takes a whole new set of registers, stack and CR3 included.
 */
#ifndef CPU_DOUBLE_FAULT_H
#define CPU_DOUBLE_FAULT_H

#include <cpu/tss.h>
#include <stdint.h>

/* The task of the handler. */
const struct tss *double_fault_tss(void);

/* The page tables that the handler is to run on: physical address, to be kept up to date. */
void double_fault_set_cr3(uint32_t cr3);

#endif
