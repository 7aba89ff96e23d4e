/*
 * regs.h: the registers at an interrupt or exception, as cpu/isr.asm and the processor push them.
 */
#ifndef CPU_REGS_H
#define CPU_REGS_H

#include <stdbool.h>
#include <stdint.h>

/* SDM 3A table 6-1. */
enum vector {
    VECTOR_NMI = 2,
    VECTOR_BP = 3,
    VECTOR_OF = 4,
    VECTOR_DF = 8,
    VECTOR_TS = 10,
    VECTOR_NP = 11,
    VECTOR_SS = 12,
    VECTOR_GP = 13,
    VECTOR_PF = 14,
};

struct pt_regs {
    uint32_t cr2; /* as it was on entry: of a page fault, the address */
    uint32_t edi, esi, ebp, unused_esp, ebx, edx, ecx, eax; /* PUSHAD */
    uint32_t ds, es, fs, gs;
    uint32_t vector;
    uint32_t error_code;       /* 0 for vectors without one; of a system call its number */
    uint32_t eip, cs, eflags;  /* pushed by the processor (SDM 3A §6.12.1) */
    uint32_t esp, ss;          /* only when it came from ring 3, or through the task gate of #DF */
};

/* Did it come from ring 3? The lowest two bits of CS are the CPL (SDM 3A §5.5). */
static inline bool user_mode(const struct pt_regs *regs) {
    return regs->cs & 3;
}

/* ESP at the time of the trap. Of the processor's pushes, those of ESP and SS are missing when it came
 * from ring 0: the stack went on where they would be. #DF has a stack of its own: `esp` is in the frame. */
static inline uint32_t regs_esp(const struct pt_regs *regs) {
    return user_mode(regs) || regs->vector == VECTOR_DF ? regs->esp : (uint32_t)&regs->esp;
}

#endif
