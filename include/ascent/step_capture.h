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

/*
 * As how wide the processor reads the code at this step: 16 or 32 bits, the D bit in the hidden part of
 * CS. No instruction shows that bit, but B8 (MOV) takes as many bytes for its number as D says: the
 * two NOPs behind it are part of the number, or are run.
 */
extern uint32_t step_code_bits;

static inline uint32_t measure_code_bits(void) {
    uint32_t number = 0;

    __asm__ volatile(".byte 0xB8, 16, 0, 0x90, 0x90" : "+a"(number));
    return number == 16 ? 16 : 32;
}

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
    step_code_bits = measure_code_bits();
    now->tsc = 0;
    if (has_tsc) __asm__ volatile("rdtsc" : "=A"(now->tsc));
}

#endif
