/*
 * irq_load.h: an interrupt handler that allocates, maps and frees 4,000 times a second, while the
 * suites do the same. With `irqload` on the command line.
 */
#ifndef SELFTEST_IRQ_LOAD_H
#define SELFTEST_IRQ_LOAD_H

/* Starts it if it is wanted; ends it, and prints what it has done. What a handler takes it gives
 * back before it returns, so no suite finds its counts changed. */
void irq_load_start(void);
void irq_load_stop(void);

#endif
