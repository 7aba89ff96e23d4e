/*
 * irq.h for host tests: nothing interrupts, unless the test has a handler, which is called whenever
 * interrupts come on.
 */
#ifndef LIB_IRQ_H
#define LIB_IRQ_H

#include <stdbool.h>
#include <stdint.h>

__attribute__((weak)) void (*host_interrupt)(void);
__attribute__((weak)) uint32_t host_irqs_off;

static inline uint32_t irq_save(void) {
    uint32_t before = host_irqs_off;
    host_irqs_off = 1;
    return before;
}

static inline void irq_restore(uint32_t before) {
    host_irqs_off = before;
    if (!before && host_interrupt) host_interrupt();
}

static inline bool irqs_are_on(void) {
    return true;
}

#endif
