/*
 * return.h: what is left to do on the way back to ring 3.
 */
#ifndef PROC_RETURN_H
#define PROC_RETURN_H

#include <cpu/regs.h>

/* Gives the processor to the next task if this one's slice is over, and delivers signals. Called and
 * left with interrupts off; what comes between waits for the next way back. */
void return_to_ring3(struct pt_regs *regs);

#endif
