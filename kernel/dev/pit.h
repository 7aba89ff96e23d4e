/*
 * pit.h: the 8254 timer. Data sheet: Intel 8254.
 */
#ifndef DEV_PIT_H
#define DEV_PIT_H

#include <stdint.h>

#define HZ 100

/* Timer interrupts since pit_init(). */
extern volatile uint32_t jiffies;

/* Time stamp counter ticks in a millisecond; 0 without one, or where it could not be measured. */
extern uint32_t tsc_khz;

/* `hz` interrupts a second, 19 to 65535, and as many jiffies. For self-tests. */
void pit_set_rate(uint32_t hz);

/*
 * The BIOS has channel 0 from the one to the other, in its own mode and at its 18.2 Hz. Interrupts are
 * off. pit_take_back() answers how many ticks of ours have passed meanwhile (irq_make_up()); what is
 * less than a tick counts for the next time. By the TSC; without one by what the BIOS has counted, which
 * has lost ticks where the BIOS had interrupts off for more than 55 ms.
 */
void pit_lend(void);
uint32_t pit_take_back(void);

/* Measures the time stamp counter, then lets the timer interrupt HZ times a second. */
void pit_init(void);

#endif
