/*
 * workarounds.h: the names of what a boot worked around, for who prints them: the loader, the kernel's
 * banner and the report. Header only: each compiles it for itself, and supplies
 *   put_workaround    prints a text
 */
#ifndef ASCENT_WORKAROUNDS_H
#define ASCENT_WORKAROUNDS_H

#include <stdint.h>

static void put_workaround(const char *text);

/* Prints the names of the bits of boot_info.workarounds, with commas between them. */
static inline void print_workarounds(uint32_t bits) {
    static const char *const texts[] = {
#define WORKAROUND(number, name, text, seen) [number] = (text),
#include <ascent/workarounds.def>
#undef WORKAROUND
    };

    for (uint32_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && bits >> i; i++) {
        if (!(bits >> i & 1)) continue;
        put_workaround(texts[i]);
        if (bits >> i >> 1) put_workaround(", ");
    }
}

#endif
