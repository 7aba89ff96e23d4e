/*
 * irq.h for host tests: nothing interrupts.
 */
#ifndef LIB_IRQ_H
#define LIB_IRQ_H

#include <stdbool.h>
#include <stdint.h>

static inline uint32_t irq_save(void) {
    return 0;
}

static inline void irq_restore(uint32_t eflags) {
    (void)eflags;
}

static inline bool irqs_are_on(void) {
    return true;
}

#endif
