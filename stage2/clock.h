/*
 * clock.h: time, for who waits in real mode.
 */
#ifndef STAGE2_CLOCK_H
#define STAGE2_CLOCK_H

#include <stdbool.h>

/* From now on time is counted. */
void clock_start(void);

/* Has a tick passed that no call has told of yet? There are 18.2 a second. */
bool clock_tick(void);

/*
 * Sleeps until an interrupt, which is the next tick at the latest. Where the BIOS's clock was not yet seen
 * to go, it returns at once: nothing might ever end the sleep, as COM1 has no interrupts.
 */
void clock_sleep(void);

#endif
