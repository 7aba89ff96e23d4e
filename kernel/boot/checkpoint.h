/*
 * checkpoint.h: where the system as of a chapter ends (include/ascent/chapter.h).
 */
#ifndef BOOT_CHECKPOINT_H
#define BOOT_CHECKPOINT_H

#include <cpu/regs.h>

/* Says what this checkpoint has, and goes on with the monitor. Only the keyboard and COM1 interrupt. */
void __attribute__((noreturn)) checkpoint_end(void);

/* The same for those that end in ring 3, with the exception that nothing answers yet. */
void __attribute__((noreturn)) checkpoint_end_in_ring3(const struct pt_regs *regs);

#endif
