/*
 * step_capture.h: the state of the processor for a step, in any mode.
 */
#ifndef ASCENT_STEP_CAPTURE_H
#define ASCENT_STEP_CAPTURE_H

#include <ascent/boot_info.h>
#include <stdbool.h>

/* As SGDT and SIDT store it. */
struct table_register {
    uint16_t limit;
    uint32_t base;
} __attribute__((packed));

#define READ_REGISTER(name)                                      \
    ({                                                           \
        uint32_t value_;                                         \
        __asm__ volatile("movl %%" name ", %0" : "=r"(value_));  \
        value_;                                                  \
    })

/* All but id, eip and esp, which only the caller knows. Reads what it is told that there is. */
static inline void step_capture(struct boot_step *now, bool has_cr4, bool has_tsc) {
    struct table_register gdtr, idtr;

    __asm__ volatile("sgdtl %0" : "=m"(gdtr));
    __asm__ volatile("sidtl %0" : "=m"(idtr));
    now->gdtr_base = gdtr.base;
    now->gdtr_limit = gdtr.limit;
    now->idtr_base = idtr.base;
    now->idtr_limit = idtr.limit;
    now->cr0 = READ_REGISTER("cr0");
    now->cr3 = READ_REGISTER("cr3");
    now->cr4 = has_cr4 ? READ_REGISTER("cr4") : 0;
    now->cs = READ_REGISTER("cs") & 0xFFFF;
    now->ds = READ_REGISTER("ds") & 0xFFFF;
    now->ss = READ_REGISTER("ss") & 0xFFFF;
    __asm__ volatile("pushfl; popl %0" : "=r"(now->eflags));
    now->tsc = 0;
    if (has_tsc) __asm__ volatile("rdtsc" : "=A"(now->tsc));
}

#endif
