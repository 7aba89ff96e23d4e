/*
 * step_table.h: the table of step_text.h, defined. Included by one file of the loader, which keeps
 * its own steps only, and one of the kernel.
 */
#include <ascent/step_text.h>
#include <step_sources.h> /* made by scripts/step-sources */

#define STEP(number, name, place, label, happened, without, breaks, outcome, end)        \
    [(number)-1] = {                                                                     \
        label,            happened,         without,          breaks,       outcome,     \
        STEP_FILE_##name, STEP_CODE_##name, STEP_LINE_##name, PLACE_##place},
const struct step_text step_texts[] = {
#include <ascent/steps.def>
};
#undef STEP

const uint32_t step_text_count = sizeof(step_texts) / sizeof(step_texts[0]);
