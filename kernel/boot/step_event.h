/*
 * step_event.h: what a step of the first program is about, beside the registers of every step.
 */
#ifndef BOOT_STEP_EVENT_H
#define BOOT_STEP_EVENT_H

#include <ascent/steps.h>
#include <cpu/regs.h>
#include <mm/pgtable.h>

struct step_event {
    const struct mm *mm;                /* cr3-switch: the space */
    struct pt_regs *frame;              /* all others: ring 3's registers, at the trap or for IRET */
    uint64_t entry_before, entry_after; /* demand-zero, cow: of the page at CR2, before and after */
};

/* step_record() with that. */
void step_record_event(enum step_id id, const struct step_event *event);

#endif
