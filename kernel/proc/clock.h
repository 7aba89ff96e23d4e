/*
 * clock.h: what time it is: since the start by the timer, and by the time stamp counter between its
 * ticks; of day by the CMOS clock, read once.
 */
#ifndef PROC_CLOCK_H
#define PROC_CLOCK_H

#include <dev/pit.h>
#include <proc/wait.h>
#include <stdint.h>

#define NS_PER_SECOND 1000000000u
#define NS_PER_TICK (NS_PER_SECOND / HZ)

/* Reads the CMOS clock. */
void clock_init(void);

/* Sets CLOCK_REALTIME, in nanoseconds since 1970, and wakes who waits for a moment of it. */
void clock_set_realtime(uint64_t now);
extern struct wait_queue clock_is_set;

/* Ticks for task_sleep() until clock_monotonic() is at `until`; 0: it is. They may be over a little too soon,
 * as the two count apart: look again. `until` ~0: WAIT_FOREVER. */
uint32_t clock_ticks_until(uint64_t until);

/* What remains of ns % NS_PER_SECOND, and the seconds. */
uint32_t clock_split(uint64_t ns, uint64_t *seconds);

#endif
