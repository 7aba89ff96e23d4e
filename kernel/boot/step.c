/*
 * step.c: the kernel's part of the steps in include/ascent/steps.def.
 */
#include <ascent/step_line.h>
#include <boot/boot.h>
#include <cpu/control.h>
#include <cpu/cpuid.h>
#include <dev/serial.h>

struct table_register {
    uint16_t limit;
    uint32_t base;
} __attribute__((packed));

#define READ_SELECTOR(name)                                     \
    ({                                                          \
        uint32_t selector_;                                     \
        __asm__ volatile("movl %%" name ", %0" : "=r"(selector_)); \
        selector_ & 0xFFFF;                                     \
    })

static void capture(struct boot_step *now) {
    struct table_register gdtr, idtr;

    __asm__ volatile("sgdt %0" : "=m"(gdtr));
    __asm__ volatile("sidt %0" : "=m"(idtr));
    now->gdtr_base = gdtr.base;
    now->gdtr_limit = gdtr.limit;
    now->idtr_base = idtr.base;
    now->idtr_limit = idtr.limit;
    now->cr0 = read_cr0();
    now->cr3 = read_cr3();
    now->cr4 = cpu.has_cr4 ? read_cr4() : 0;
    now->cs = READ_SELECTOR("cs");
    now->ds = READ_SELECTOR("ds");
    now->ss = READ_SELECTOR("ss");
    __asm__ volatile("pushfl; popl %0" : "=r"(now->eflags));
    now->tsc = cpu.tsc ? rdtsc() : 0;
}

void step_record(enum step_id id) {
    static char line[STEP_LINE_MAX];

    if (boot_steps_count == 0 || boot_steps_count == BOOT_STEPS_MAX) return;
    struct boot_step *now = &boot_steps[boot_steps_count++];
    capture(now);
    now->id = id;
    now->eip = (uint32_t)__builtin_return_address(0);
    now->esp = (uint32_t)__builtin_frame_address(0);
    step_line(line, now - 1, now);
    for (const char *c = line; *c; c++)
        if (*c != '\r') serial_putc(*c); /* serial_putc adds it */
}
