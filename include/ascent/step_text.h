/*
 * step_text.h: the texts of steps.def, with the line of source of each step. The table is
 * stage2/step_table.c for the loader, kernel/boot/step_table.c for the kernel.
 */
#ifndef ASCENT_STEP_TEXT_H
#define ASCENT_STEP_TEXT_H

#include <ascent/boot_info.h>
#include <ascent/layout.h>
#include <ascent/steps.h>
#include <stdbool.h>
#include <stdint.h>

struct step_text {
    const char *name;
    const char *happened;
    const char *without;
    const char *breaks; /* what B does; empty: nothing to break */
    const char *outcome;
    const char *file, *code; /* the line that makes the step */
    uint16_t line;
    uint8_t place; /* enum step_place */
};

/* What can be on the screen: a step, what will come of B, or nothing. */
enum step_view { STEP_VIEW_STEP, STEP_VIEW_OUTCOME, STEP_VIEW_NOTHING };

/* By number, from 1: step_texts[id - 1]. */
extern const struct step_text step_texts[];
extern const uint32_t step_text_count;

static inline const struct step_text *step_text(uint32_t id) {
    return &step_texts[(id - 1 < step_text_count ? id : 1) - 1];
}

extern struct boot_info boot_info; /* the loader's and the kernel's have the same name */

/*
 * Is there something for B to break? A wrong entry point is found by the walk of the page tables: a kernel
 * of another hand has a physical one, and no page tables.
 */
static inline bool step_can_break(uint32_t id) {
    return step_text(id)->breaks[0] &&
           (id != STEP_KERNEL_LOADED || boot_info.kernel_entry >= PAGE_OFFSET);
}

#endif
