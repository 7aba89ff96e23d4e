/*
 * step.c: the kernel's part of the steps in include/ascent/steps.def.
 */
#include <ascent/step_capture.h>
#include <ascent/step_line.h>
#include <boot/boot.h>
#include <boot/step_event.h>
#include <boot/step_stop.h>
#include <cpu/cpuid.h>
#include <cpu/tss.h>
#include <dev/serial.h>

#define EVENT_LINE_MAX 256 /* bytes of the fields that an event adds */

uint32_t step_code_bits;

/* " name=a/b/c", as gdtr has it. */
static char *add(char *out, const char *name, const uint32_t *values, unsigned count, int digits) {
    *out++ = ' ';
    out = step_string(out, name);
    for (unsigned i = 0; i < count; i++) {
        *out++ = i ? '/' : '=';
        out = step_hex(out, values[i], digits);
    }
    return out;
}

static char *add_entry(char *out, uint64_t value) {
    out = step_hex(out, (uint32_t)(value >> 32), 8);
    return step_hex(out, (uint32_t)value, 8);
}

static char *add_page_fault(char *out, const struct step_event *event) {
    out = add(out, "cr2", &event->frame->cr2, 1, 8);
    out = add(out, "error", &event->frame->error_code, 1, 2);
    out = add_entry(step_string(out, " pte="), event->entry_before);
    return add_entry(step_string(out, "->"), event->entry_after);
}

/* EIP, CS, EFLAGS, ESP and SS lie in this order: IRET takes them so. */
static char *add_event(char *out, enum step_id id, const struct step_event *event) {
    const struct pt_regs *frame = event->frame;

    if (!frame) return out;
    if (id == STEP_DEMAND_ZERO || id == STEP_COW) out = add_page_fault(out, event);
    if (id == STEP_SYSCALL) out = add(out, "eax", &frame->eax, 1, 8);
    out = add(out, "frame", &frame->eip, 5, 8);
    out = add(out, "at", (const uint32_t[]){(uint32_t)&frame->eip}, 1, 8);
    return add(out, "esp0", (const uint32_t[]){kernel_tss.esp0}, 1, 8);
}

static void record(enum step_id id, const void *eip, const void *esp,
                   const struct step_event *event) {
    static char line[STEP_LINE_MAX + EVENT_LINE_MAX];

    if (boot_steps_count == 0 || boot_steps_count == BOOT_STEPS_MAX) return;
    struct boot_step *now = &boot_steps[boot_steps_count++];
    step_capture(now, cpu.has_cr4, cpu.tsc);
    now->id = id;
    now->eip = (uint32_t)eip;
    now->esp = (uint32_t)esp;
    char *end = step_line(line, now - 1, now);
    if (event) step_string(add_event(end, id, event), "\n")[0] = 0;
    if (event) serial_start_line(); /* a program may be in the middle of one */
    for (const char *c = line; *c; c++)
        if (*c != '\r') serial_putc(*c); /* serial_putc adds it */
    if (boot_info.step_mode) step_stop(now - 1, now, event);
}

void step_record(enum step_id id) {
    record(id, __builtin_return_address(0), __builtin_frame_address(0), NULL);
}

void step_record_event(enum step_id id, const struct step_event *event) {
    record(id, __builtin_return_address(0), __builtin_frame_address(0), event);
}
