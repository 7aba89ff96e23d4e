/*
 * step_table.c: the texts of the loader's steps. Data only, for real and protected mode.
 */
#define STEPS_OF_LOADER
#include <ascent/step_table.h>
