/*
 * trap.h: exceptions and interrupts, and who handles them.
 *
 *   0-31    exceptions of the processor, and the NMI   a fixup if there is one, else a report
 *   32-47   IRQ 0 to 15 of the PICs                    whom irq_set_handler() names
 *   48-255  nobody's                                   named, with the place, and that is all
 */
#ifndef CPU_TRAP_H
#define CPU_TRAP_H

#include <cpu/regs.h>
#include <stdbool.h>

#define EXCEPTIONS 32

/*
 * Is called with interrupts off. What it changes in the registers counts once it returns. ESP and SS
 * are there only if it came from ring 3 (bits 0 and 1 of CS).
 */
typedef void trap_handler(struct pt_regs *regs);

/* `handler` is called at each trap through this vector. Answers the one before. Not for #DF, which
 * goes through a task gate (double_fault.h). */
trap_handler *trap_set_handler(unsigned vector, trap_handler *handler);

/* The same for line `irq` of the PICs, which has been told that the interrupt is done: the handler
 * may switch to another task. Null: nobody. */
trap_handler *irq_set_handler(unsigned irq, trap_handler *handler);

/* Calls the handler of line `irq` so many times, as if it had interrupted the kernel here: for what it
 * has missed. Interrupts are off. */
void irq_make_up(unsigned irq, uint32_t times);

/* Does anybody handle this vector? Else it is named when it comes. */
bool trap_is_handled(unsigned vector);

/* How often a trap came through this vector. */
uint32_t trap_count(unsigned vector);

#endif
