/*
 * schedule.h: who runs: round robin, with a time slice. A task runs until it blocks; or until its
 * slice is over, others are ready, and it is on its way back to ring 3. Kernel code is never taken
 * the processor from.
 */
#ifndef PROC_SCHEDULE_H
#define PROC_SCHEDULE_H

#include <proc/task.h>

/* Ticks of a slice: 50 ms. */
#define SLICE_TICKS 5

/* The slice of the task that runs is over, and another one is ready: for return_to_ring3(). */
extern volatile bool need_resched;

/* Counts ticks from now on. */
void schedule_init(void);

/*
 * Gives the processor to the next task that is ready, and comes back when it is this one's turn. It
 * is its turn again only if its state is TASK_RUNNING and it is in the queue (task_ready()); while
 * there is none, the processor waits with HLT. To be called, and comes back, with interrupts off.
 */
void schedule(void);

/* Puts a task at the end of the queue: it is to run. Not one that is there. Interrupts off. */
void task_ready(struct task *task);

/* Lets the others go first, if there are any. */
void task_yield(void);

/* Wakes a task that sleeps in task_sleep(); if it does not, its next task_sleep() comes back at once.
 * Also from interrupt handlers. */
void task_wake(struct task *task);

/* The other side of a switch: to be called on a new stack, with interrupts off. */
void schedule_finish(void);

/* The task that runs has ended: it does not come back. Its stack and all else are given back if
 * `forget`; else who waits for it does that. */
void schedule_end(bool forget) __attribute__((noreturn));

/* Ticks in which no task wanted to run. */
extern uint32_t idle_ticks;
extern uint64_t context_switches;

#endif
