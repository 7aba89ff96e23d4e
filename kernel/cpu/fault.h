/*
 * fault.h: the report of an exception that nobody expected.
 */
#ifndef CPU_FAULT_H
#define CPU_FAULT_H

#include <cpu/regs.h>

/*
 * Prints what happened, all registers, where (symbol, backtrace), and last what is known about the
 * address of a page fault; and stops. It reads what may be damaged after all else is printed. A fault
 * within the report ends it with a line that has both places; one within that just stops.
 */
void fault_report(const struct pt_regs *regs) __attribute__((noreturn));

#endif
