/*
 * step.h: recording the transitions of include/ascent/steps.def.
 */
#ifndef STAGE2_STEP_H
#define STAGE2_STEP_H

#include <ascent/boot_info.h>
#include <ascent/steps.h>
#include <stdbool.h>

/* Shall the machine stop at each step? What is known of who is there is kept if it shall. Real mode. */
void step_mode_init(bool wanted);

/*
 * Records the state of the processor as step `id` in boot_info, and writes its @STEP line to COM1.
 * In step mode, stops there. Changes no register that the step is about. Works in real mode, in protected mode before and
 * after the far jump, and with paging on.
 */
void step(enum step_id id);

/* Stops at a step until a key is pressed (ascent/step_stop.h). There is one for each mode. */
void step_stop(const struct boot_step *before, const struct boot_step *now);

#endif
