/*
 * pit_lend.h: channel 0 of the timer, while the BIOS has it.
 */
#ifndef DEV_PIT_LEND_H
#define DEV_PIT_LEND_H

#include <stdint.h>

/*
 * The BIOS has channel 0 from the one to the other, in its own mode and at its 18.2 Hz. Interrupts are
 * off. pit_take_back() answers how many ticks of ours are to be made up for (irq_make_up()), with those
 * that no handler had seen before; what is less than a tick counts for the next time. By the TSC; without
 * one by what the BIOS has counted, which loses ticks where it has interrupts off for more than 55 ms.
 */
void pit_lend(void);
uint32_t pit_take_back(void);

/* For pit.c: before channel 0 is set up for the first time; each time it begins to count anew. */
void pit_note_bios_mode(void);
void pit_started(void);

#endif
