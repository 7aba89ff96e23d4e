/*
 * step_stop.h: step mode in the kernel.
 */
#ifndef BOOT_STEP_STOP_H
#define BOOT_STEP_STOP_H

#include <ascent/boot_info.h>
#include <boot/step_event.h>

/*
 * Shows the step `now` and what changed since `before`, and waits for a key (ascent/step_stop.h).
 * `event`: of a step of the first program; else a null pointer. While it waits for these, interrupts
 * are on; afterwards they are as before, and the screen shows again what the program had written.
 */
void step_stop(const struct boot_step *before, const struct boot_step *now,
               const struct step_event *event);

#endif
