/*
 * error_table.h: the texts of include/ascent/errors.def, for the one who prints them.
 */
#ifndef STAGE2_ERROR_TABLE_H
#define STAGE2_ERROR_TABLE_H

#include <ascent/errors.h>
#include <stdint.h>

struct error_text {
    uint8_t number;
    const char *message;
    const char *remedy;
};

extern const struct error_text error_texts[];

/* The texts of `error`, which is one of the table. */
static inline const struct error_text *error_text(enum boot_error error) {
    const struct error_text *text = error_texts;

    while (text->number != error) text++;
    return text;
}

#endif
