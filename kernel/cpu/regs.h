/*
 * regs.h: the registers at an interrupt or exception, as cpu/isr.asm and the processor push them.
 */
#ifndef CPU_REGS_H
#define CPU_REGS_H

#include <stdint.h>

struct pt_regs {
    uint32_t edi, esi, ebp, unused_esp, ebx, edx, ecx, eax; /* PUSHAD */
    uint32_t ds, es, fs, gs;
    uint32_t vector;
    uint32_t error_code;       /* 0 for vectors without one */
    uint32_t eip, cs, eflags;  /* pushed by the processor (SDM 3A §6.12.1) */
    uint32_t esp, ss;          /* only when it came from ring 3 */
};

/* ESP at the time of the interrupt. */
static inline uint32_t regs_esp(const struct pt_regs *regs) {
    return regs->cs & 3 ? regs->esp : (uint32_t)&regs->esp;
}

#endif
