/*
 * irq.h: a piece of code that no interrupt may come into, on the one processor that we have.
 */
#ifndef LIB_IRQ_H
#define LIB_IRQ_H

#include <cpu/control.h>
#include <stdint.h>

/* Switches interrupts off; answers EFLAGS as they were, for irq_restore(). */
static inline uint32_t irq_save(void) {
    uint32_t eflags;
    __asm__ volatile("pushfl; popl %0; cli" : "=r"(eflags) : : "memory");
    return eflags;
}

/* Interrupts are again as they were. */
static inline void irq_restore(uint32_t eflags) {
    if (eflags & EFLAGS_IF) sti();
}

#endif
