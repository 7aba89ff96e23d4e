/*
 * timer_counts.h: time without interrupts: counter 0 of the timer, as the BIOS has left it (8254 data
 * sheet). Header only, as each mode of the processor needs it.
 */
#ifndef ASCENT_TIMER_COUNTS_H
#define ASCENT_TIMER_COUNTS_H

#include <ascent/io.h>
#include <stdbool.h>
#include <stdint.h>

#define PIT_COUNTER0 0x40
#define PIT_COMMAND 0x43
#define PIT_LATCH_COUNTER0 0x00
#define PIT_STATUS_COUNTER0 0xE2 /* read-back command: the status of counter 0 */
#define TIMER_HZ 1193182u
#define TIMER_TICK 0x10000u /* counts; the BIOS has an interrupt for each */

/*
 * Counts since the last call, which was less than half a tick ago. Nobody but us need take the timer's
 * interrupts; it counts from FFFF down and begins anew, 18 times a second. In mode 3 it counts by two.
 */
static uint32_t timer_counts(void) {
    static uint16_t last;

    outb(PIT_COMMAND, PIT_STATUS_COUNTER0);
    bool by_two = (inb(PIT_COUNTER0) >> 1 & 3) == 3;
    outb(PIT_COMMAND, PIT_LATCH_COUNTER0);
    uint16_t count = inb(PIT_COUNTER0);
    count |= (uint16_t)(inb(PIT_COUNTER0) << 8);
    uint32_t counts = (uint16_t)(last - count);
    last = count;
    return by_two ? counts / 2 : counts;
}

#endif
