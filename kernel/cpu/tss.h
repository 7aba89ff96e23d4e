/*
 * tss.h: the 32-bit task-state segment (SDM 3A §7.2.1).
 */
#ifndef CPU_TSS_H
#define CPU_TSS_H

#include <stdint.h>

struct tss {
    uint32_t previous; /* selector of the task that was switched from */
    uint32_t esp0, ss0; /* the stack for ring 0 when coming from ring 3 */
    uint32_t esp1, ss1, esp2, ss2;
    uint32_t cr3, eip, eflags;
    uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;
    uint32_t es, cs, ss, ds, fs, gs;
    uint32_t ldt;
    uint16_t trap, io_map; /* offset of the I/O permission map; at or behind the limit: none */
} __attribute__((packed));
_Static_assert(sizeof(struct tss) == 104, "SDM 3A figure 7-2");

/* The task that the kernel runs in. A task switch, such as at #DF, saves its registers here. */
extern struct tss kernel_tss;

#endif
