/*
 * fault.h: the report of an exception that nobody expected.
 */
#ifndef CPU_FAULT_H
#define CPU_FAULT_H

#include <cpu/regs.h>

/* Such as "#GP" and "general protection fault"; of a vector without a name, "-" and "reserved". */
const char *exception_mnemonic(uint32_t vector);
const char *exception_name(uint32_t vector);

/*
 * Prints what happened, all registers, where (symbol, backtrace), and last what is known about the
 * address of a page fault; and stops. It reads what may be damaged after all else is printed. A fault
 * within the report ends it with a line that has both places; one within that just stops.
 */
void fault_report(const struct pt_regs *regs) __attribute__((noreturn));

#endif
