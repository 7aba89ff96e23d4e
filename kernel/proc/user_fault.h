/*
 * user_fault.h: exceptions of programs: page faults are mended, or named; others become signals.
 */
#ifndef PROC_USER_FAULT_H
#define PROC_USER_FAULT_H

#include <cpu/regs.h>
#include <stdbool.h>

/*
 * An exception of ring 3, or a page fault of the kernel in user memory (mm/uaccess.h). True: it has
 * been seen to. False: it is the kernel's own.
 */
bool user_fault(struct pt_regs *regs);

/* One line about the fault that ends the current program. */
void user_fault_print(void);

/* That line again for the last one that has ended so, its registers, and what the line means. */
void user_fault_explain(void);

/* The same where a handler cannot be called, because its frame does not fit on the stack. */
void user_fault_print_no_frame(unsigned signal);

#endif
