/*
 * fault.h: the report of an exception that nobody expected.
 */
#ifndef CPU_FAULT_H
#define CPU_FAULT_H

#include <cpu/regs.h>

/* SDM 3A table 6-1. */
enum vector {
    VECTOR_BP = 3,
    VECTOR_OF = 4,
    VECTOR_DF = 8,
    VECTOR_TS = 10,
    VECTOR_NP = 11,
    VECTOR_SS = 12,
    VECTOR_GP = 13,
    VECTOR_PF = 14,
};

/*
 * Prints what happened (name, cause, address), where (symbol, backtrace) and all registers, and
 * stops. A fault within the report is named and said to be one; one within that just stops.
 */
void fault_report(const struct pt_regs *regs) __attribute__((noreturn));

#endif
