/*
 * step.c: the state of the processor at each transition. Compiled for real mode, where it serves
 * up to the far jump (DS and SS keep their real-mode caches until then), and for protected mode.
 */
#include "step.h"

#include <ascent/layout.h>
#include <ascent/step_capture.h>
#include <ascent/step_line.h>
#include <stddef.h>

#include "boot.h"
#include "serial.h"

/* The registers with which the BIOS entered stage 1, as it pushed them: PUSHA, ES, DS, FLAGS. */
struct entry_state {
    uint16_t di, si;
    uint16_t sp; /* in BP */
    uint16_t own_sp;
    uint16_t cs; /* in BX, which is lost, as AX is */
    uint16_t dx;
    uint16_t ss; /* in CX */
    uint16_t ax;
    uint16_t es, ds, flags;
};

static void recall_mbr(struct boot_step *mbr) {
    const struct entry_state *entry = (const struct entry_state *)ENTRY_STATE_ADDR;

    _Static_assert(sizeof(*entry) == STAGE1_ADDR - ENTRY_STATE_ADDR, "the first on the stack");
    _Static_assert(offsetof(struct entry_state, dx) == ENTRY_DRIVE_ADDR - ENTRY_STATE_ADDR, "DL");
    mbr->eflags = entry->flags;
    mbr->esp = entry->sp;
    mbr->cs = entry->cs;
    mbr->ds = entry->ds;
    mbr->ss = entry->ss;
    mbr->eip = STAGE1_ADDR - (uint32_t)entry->cs * 16;
}

static void report(const struct boot_step *before, const struct boot_step *now) {
    static char line[STEP_LINE_MAX];

    step_line(line, before, now);
    for (const char *c = line; *c; c++) serial_putc(*c);
}

void step(enum step_id id) {
    struct boot_step *now = &boot_steps[boot_info.steps_count];
    const struct boot_step *before = boot_info.steps_count ? now - 1 : now;

    step_capture(now, boot_info.cpu_flags & BOOT_CPU_CR4, boot_info.cpu_flags & BOOT_CPU_TSC);
    now->id = id;
    now->eip = (uint32_t)__builtin_return_address(0);
    now->esp = (uint32_t)__builtin_frame_address(0);
    if (id == STEP_MBR) recall_mbr(now);
    boot_info.steps_count++;
    report(before, now);
    if (boot_info.step_mode) step_stop(before, now);
}
