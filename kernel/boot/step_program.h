/*
 * step_program.h: the steps of the first program (the last five of ascent/steps.def).
 */
#ifndef BOOT_STEP_PROGRAM_H
#define BOOT_STEP_PROGRAM_H

#include <cpu/regs.h>

/* From now on they are made: process 1 is about to be loaded. */
void steps_await_program(void);

/* CR3 holds the page tables of the current task's process. */
void step_space_loaded(void);

/* The current task goes to ring 3 next, with the registers that lie at the top of its stack. */
void step_into_ring3(void);

/* fork() has left the same frames to two. */
void step_frames_shared(void);

#endif
