/*
 * step.h: recording the transitions of include/ascent/steps.def.
 */
#ifndef STAGE2_STEP_H
#define STAGE2_STEP_H

#include <ascent/steps.h>

/*
 * Records the state of the processor as step `id` in boot_info, and writes its @STEP line to COM1.
 * Changes no register that the step is about. Works in real mode, in protected mode before and
 * after the far jump, and with paging on.
 */
void step(enum step_id id);

#endif
