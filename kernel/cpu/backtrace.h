/*
 * backtrace.h: who called whom.
 */
#ifndef CPU_BACKTRACE_H
#define CPU_BACKTRACE_H

#include <cpu/regs.h>

/* Prints `address` as hexadecimal, as symbol+offset and as file:line where it has them. */
void print_code_address(uint32_t address);

/*
 * Prints the return addresses of the frames from `ebp` on, innermost first. Reads nothing but the
 * kernel's own stacks, so it cannot fault, whatever EBP is.
 */
void backtrace(uint32_t ebp);

/* The same for a trap. A function that had no frame yet, and who jumped to where no code is, are named
 * too. */
void backtrace_of(const struct pt_regs *regs);

#endif
