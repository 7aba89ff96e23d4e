/*
 * registers.h: the registers of the code that asks (registers.asm).
 */
#ifndef MONITOR_REGISTERS_H
#define MONITOR_REGISTERS_H

#include <stdint.h>

/* Filled by registers.asm in this order. */
struct registers {
    uint32_t eax, ebx, ecx, edx;
    uint32_t esi, edi, ebp, esp;
    uint32_t eip, eflags;
    uint32_t cs, ds, es, fs, gs, ss;
};

/* The registers as they are when this call returns, but for EAX, which holds the argument's value.
 * EIP is the instruction after the call. */
void registers_capture(struct registers *registers);

#endif
