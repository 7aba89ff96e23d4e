/*
 * step_table.c: the texts of all steps.
 */
#include <ascent/step_table.h>
