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

/* A little-endian word, on any address. */
static inline uint32_t load32(const uint8_t *at) {
    uint32_t value;

    __builtin_memcpy(&value, at, sizeof(value));
    return value;
}

#define NO_DIGIT 16

/* What the character is worth as a hexadecimal digit; NO_DIGIT: it is none. */
static inline uint32_t digit_of(char c) {
    if (c >= '0' && c <= '9') return (uint32_t)(c - '0');
    c |= 0x20; /* a small letter */
    return c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10) : NO_DIGIT;
}

static inline bool same_text(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

#endif
