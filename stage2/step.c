/*
 * step.c: the state of the processor at each transition. Compiled for real mode, where it serves
 * up to the far jump (DS and SS keep their real-mode caches until then), and for protected mode.
 */
#include "step.h"

#include <ascent/layout.h>
#include <ascent/step_line.h>

#include "boot.h"
#include "serial.h"

struct table_register {
    uint16_t limit;
    uint32_t base;
} __attribute__((packed));

#define READ(register_name)                                          \
    ({                                                               \
        uint32_t value_;                                             \
        __asm__ volatile("movl %%" register_name ", %0" : "=r"(value_)); \
        value_;                                                      \
    })

static void capture(struct boot_step *now) {
    struct table_register gdtr, idtr;

    __asm__ volatile("sgdtl %0" : "=m"(gdtr));
    __asm__ volatile("sidtl %0" : "=m"(idtr));
    now->gdtr_base = gdtr.base;
    now->gdtr_limit = gdtr.limit;
    now->idtr_base = idtr.base;
    now->idtr_limit = idtr.limit;
    now->cr0 = READ("cr0");
    now->cr3 = READ("cr3");
    if (boot_info.cpu_flags & BOOT_CPU_CPUID) now->cr4 = READ("cr4"); /* a 486 without CPUID: #UD */
    now->cs = READ("cs") & 0xFFFF;
    now->ds = READ("ds") & 0xFFFF;
    now->ss = READ("ss") & 0xFFFF;
    __asm__ volatile("pushfl; popl %0" : "=r"(now->eflags));
    if (boot_info.cpu_flags & BOOT_CPU_TSC) __asm__ volatile("rdtsc" : "=A"(now->tsc));
}

/* The state in which the BIOS entered stage 1, which saved what it could in its 440 bytes. */
static void recall_mbr(struct boot_step *first, const struct boot_step *now) {
    const uint16_t *entry = (const uint16_t *)ENTRY_STATE_ADDR; /* DX, SP, SS, CS */

    *first = *now;
    first->id = STEP_MBR;
    first->esp = entry[1];
    first->ss = entry[2];
    first->cs = entry[3];
    first->eip = STAGE1_ADDR - (uint32_t)entry[3] * 16;
    first->tsc = 0;
}

static void report(const struct boot_step *before, const struct boot_step *now) {
    static char line[STEP_LINE_MAX];

    step_line(line, before, now);
    for (const char *c = line; *c; c++) serial_putc(*c);
}

void step(enum step_id id) {
    struct boot_step *now = &boot_steps[boot_info.steps_count];
    struct boot_step *before = now;

    if (id == STEP_STAGE2) {
        now++;
        boot_info.steps_count = 1;
    } else if (boot_info.steps_count) {
        before--;
    }
    capture(now);
    now->id = id;
    now->eip = (uint32_t)__builtin_return_address(0);
    now->esp = (uint32_t)__builtin_frame_address(0);
    if (id == STEP_STAGE2) {
        recall_mbr(before, now);
        report(before, before);
    }
    report(before, now);
    boot_info.steps_count++;
}
