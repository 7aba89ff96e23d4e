/*
 * pit.h: the 8254 timer. Data sheet: Intel 8254.
 */
#ifndef DEV_PIT_H
#define DEV_PIT_H

#include <stdint.h>

#define HZ 100

#define PIT_FREQUENCY 1193182 /* Hz */
#define PIT_CHANNEL0 0x40
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND 0x43
#define CHANNEL0_RATE 0x34 /* channel 0, low then high byte, mode 2: rate generator */

/* Timer interrupts since pit_init(). */
extern volatile uint32_t jiffies;

/* Time stamp counter ticks in a millisecond; 0 without one, or where it could not be measured. */
extern uint32_t tsc_khz;

/* Of the PIT's own clock, as they are now. */
extern uint32_t pit_clocks_per_tick;

/* `hz` interrupts a second, 19 to 65535, and as many jiffies. For self-tests. */
void pit_set_rate(uint32_t hz);

/* Lets channel 0 interrupt at that rate, a whole tick from now on for the first time. */
void pit_start(void);

/*
 * Measures the time stamp counter: begin starts the timer's channel 2, end waits until 2 ms have
 * passed since, and sets tsc_khz. What is done between the two is not waited for. More than 55 ms
 * between them are measured anew. Interrupts off.
 */
void tsc_measure_begin(void);
void tsc_measure_end(void);

/* Ends the measurement, then lets the timer interrupt HZ times a second. */
void pit_init(void);

#endif
