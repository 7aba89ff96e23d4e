/*
 * bytes.h: the few functions on bytes that stage 2 needs, in real and in protected mode.
 */
#ifndef STAGE2_BYTES_H
#define STAGE2_BYTES_H

#include <stdbool.h>
#include <stdint.h>

static inline void copy_bytes(void *to, const void *from, uint32_t bytes) {
    uint8_t *out = to;
    const uint8_t *in = from;

    while (bytes--) *out++ = *in++;
}

static inline bool same_bytes(const void *a, const void *b, uint32_t bytes) {
    const uint8_t *x = a, *y = b;

    while (bytes--)
        if (*x++ != *y++) return false;
    return true;
}

static inline bool same_text(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

#endif
