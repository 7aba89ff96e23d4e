/*
 * timer.h: something to do when a time has come, counted in ticks of the timer (1/HZ s).
 */
#ifndef PROC_TIMER_H
#define PROC_TIMER_H

#include <stdint.h>

struct timer {
    uint32_t at; /* jiffies */
    void (*expired)(struct timer *timer); /* in the interrupt handler; the timer is stopped */
    struct timer *next, **link;           /* link: what points here; a null pointer: stopped */
};

/* The longest time: jiffies wrap, and are compared by their difference. */
#define TIMER_MAX 0x7FFFFFFFu

/* It expires at the tick number `ticks` from now on, and at the next one for 0. One that runs starts
 * anew. Also from interrupt handlers. */
void timer_start(struct timer *timer, uint32_t ticks);

/* Nothing happens if it does not run. */
void timer_stop(struct timer *timer);

/* To be called at each tick, with interrupts off. */
void timers_tick(void);

#endif
