/*
 * step_wait.h: how long a stop waits for a key. For the screen that says it, and for the wait.
 */
#ifndef ASCENT_STEP_WAIT_H
#define ASCENT_STEP_WAIT_H

#include <ascent/boot_info.h>
#include <ascent/layout.h>
#include <ascent/steps.h>
#include <stdint.h>

/* In seconds; 0: for ever, because somebody is there. `seen` is boot_info.step_mode. */
static inline uint32_t step_wait_seconds(uint32_t id, uint32_t seen) {
    if (seen & STEP_MODE_KEY) return 0;
    if (id >= STEP_IRQ_OFF) return STEP_WAIT_SECONDS;
    return seen & STEP_MODE_BIOS_KEY ? 0 : STEP_FIRST_SECONDS;
}

#endif
