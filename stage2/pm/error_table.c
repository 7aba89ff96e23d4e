/*
 * error_table.c: the texts of include/ascent/errors.def. Data only.
 */
#include "error_table.h"

#define ERRORS_OF_STAGE2

const struct error_text error_texts[] = {
#define ERROR(number, name, message, remedy) {number, message, remedy},
#include <ascent/errors.def>
#undef ERROR
};
