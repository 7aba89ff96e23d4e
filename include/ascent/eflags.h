/*
 * eflags.h: what the processor is, asked by way of EFLAGS: a flag that it does not have cannot be
 * changed (SDM 1 §20.1).
 */
#ifndef ASCENT_EFLAGS_H
#define ASCENT_EFLAGS_H

#include <stdbool.h>
#include <stdint.h>

#define EFLAGS_AC (1u << 18) /* new with the 486 (SDM 1 §3.4.3) */
#define EFLAGS_ID (1u << 21) /* there is CPUID */
#define EFLAGS_IF 0x00000200u

/* Interrupts are off while the flag is changed: one that comes in real mode pushes and pops 16 bits
 * of the flags only, and AC would come back as 0 (SDM 2A, IRET). */
static inline bool eflags_can_change(uint32_t flag) {
    uint32_t before, after;

    __asm__ volatile("pushfl\n\t"
                     "popl %0\n\t"
                     "movl %0, %1\n\t"
                     "xorl %2, %1\n\t"
                     "andl %3, %1\n\t"
                     "pushl %1\n\t"
                     "popfl\n\t"
                     "pushfl\n\t"
                     "popl %1\n\t"
                     "pushl %0\n\t"
                     "popfl"
                     : "=&r"(before), "=&r"(after)
                     : "r"(flag), "i"(~EFLAGS_IF)
                     : "cc");
    return (before ^ after) & flag;
}

#endif
