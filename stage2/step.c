/*
 * step.c: the state of the processor at each transition. Compiled for real mode, where it serves
 * up to the far jump (DS and SS keep their real-mode caches until then), and for protected mode.
 */
#include "step.h"

#include <ascent/layout.h>
#include <ascent/step_capture.h>
#include <ascent/step_line.h>

#include "boot.h"
#include "serial.h"

/* The state in which the BIOS entered stage 1, which saved what it could in its 440 bytes. */
static void recall_mbr(struct boot_step *mbr) {
    const uint16_t *entry = (const uint16_t *)ENTRY_STATE_ADDR; /* DX, SP, SS, CS */

    mbr->esp = entry[1];
    mbr->ss = entry[2];
    mbr->cs = entry[3];
    mbr->eip = STAGE1_ADDR - (uint32_t)entry[3] * 16;
}

static void report(const struct boot_step *before, const struct boot_step *now) {
    static char line[STEP_LINE_MAX];

    step_line(line, before, now);
    for (const char *c = line; *c; c++) serial_putc(*c);
}

void step(enum step_id id) {
    struct boot_step *now = &boot_steps[boot_info.steps_count];
    const struct boot_step *before = boot_info.steps_count ? now - 1 : now;

    step_capture(now, boot_info.cpu_flags & BOOT_CPU_CPUID, boot_info.cpu_flags & BOOT_CPU_TSC);
    now->id = id;
    now->eip = (uint32_t)__builtin_return_address(0);
    now->esp = (uint32_t)__builtin_frame_address(0);
    if (id == STEP_MBR) recall_mbr(now);
    boot_info.steps_count++;
    report(before, now);
    if (boot_info.step_mode) step_stop(before, now);
}
