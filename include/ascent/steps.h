/*
 * steps.h: the numbers of the steps as an enum. The table itself is steps.def.
 */
#ifndef ASCENT_STEPS_H
#define ASCENT_STEPS_H

enum step_id {
#define STEP(number, name, label, text) STEP_##name = (number),
#include <ascent/steps.def>
#undef STEP
    STEP_LAST = STEP_IRQ_ON,
};

#endif
