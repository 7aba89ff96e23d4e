/*
 * backtrace.h: who called whom.
 */
#ifndef CPU_BACKTRACE_H
#define CPU_BACKTRACE_H

#include <stdint.h>

/* Prints `address` as hexadecimal, and as symbol+offset where it has one. */
void print_code_address(uint32_t address);

/*
 * Prints the return addresses of the frames from `ebp` on, innermost first. Reads nothing but the
 * kernel's own stacks, so it cannot fault, whatever EBP is.
 */
void backtrace(uint32_t ebp);

#endif
