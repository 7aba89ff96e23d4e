/*
 * nmi.h: the non-maskable interrupt (SDM 3A §6.7). It may come between any two instructions, and
 * twice in a row; cli does not hold it back.
 */
#ifndef CPU_NMI_H
#define CPU_NMI_H

#include <cpu/regs.h>

/* The loader has switched it off at the chipset. There is a handler now. */
void nmi_enable(void);

/* Switches it off at the chipset: while there is no handler. */
void nmi_disable(void);

/*
 * Counts it and returns, when the chipset knows no cause: a button, a watchdog, a debugger, a virtual
 * machine's host. Reports a failure of the memory or of a bus, which nothing can go on after.
 */
void nmi_handle(struct pt_regs *regs);

#endif
