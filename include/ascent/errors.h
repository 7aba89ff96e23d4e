/*
 * errors.h: the failures of the boot path as an enum. The table itself is errors.def.
 */
#ifndef ASCENT_ERRORS_H
#define ASCENT_ERRORS_H

/* The answer of every function of the loader that can fail; BOOT_OK is success. */
enum boot_error {
    BOOT_OK = 0,
#define ERROR(number, name, message, remedy) E_##name = (number),
#include <ascent/errors.def>
#undef ERROR
};

#endif
