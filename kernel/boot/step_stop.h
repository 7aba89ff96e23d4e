/*
 * step_stop.h: step mode in the kernel.
 */
#ifndef BOOT_STEP_STOP_H
#define BOOT_STEP_STOP_H

#include <ascent/boot_info.h>

/* Shows the step `now` and what changed since `before`, and waits for a key (ascent/step_stop.h). */
void step_stop(const struct boot_step *before, const struct boot_step *now);

#endif
