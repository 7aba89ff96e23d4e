/*
 * step.c: the kernel's part of the steps in include/ascent/steps.def.
 */
#include <ascent/step_capture.h>
#include <ascent/step_line.h>
#include <boot/boot.h>
#include <boot/step_stop.h>
#include <cpu/cpuid.h>
#include <dev/serial.h>

uint32_t step_code_bits;

void step_record(enum step_id id) {
    static char line[STEP_LINE_MAX];

    if (boot_steps_count == 0 || boot_steps_count == BOOT_STEPS_MAX) return;
    struct boot_step *now = &boot_steps[boot_steps_count++];
    step_capture(now, cpu.has_cr4, cpu.tsc);
    now->id = id;
    now->eip = (uint32_t)__builtin_return_address(0);
    now->esp = (uint32_t)__builtin_frame_address(0);
    step_line(line, now - 1, now);
    for (const char *c = line; *c; c++)
        if (*c != '\r') serial_putc(*c); /* serial_putc adds it */
    if (boot_info.step_mode) step_stop(now - 1, now);
}
