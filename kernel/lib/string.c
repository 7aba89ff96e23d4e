/*
 * string.c: the functions of C's <string.h> that the kernel uses. GCC calls the first four by
 * itself, for structure copies and initialisers.
 */
#include <lib/string.h>

/* Four bytes at a time: a quarter of the steps where the processor has no fast byte strings. Upwards,
 * so that it may be used for overlapping memory when `to` is the lower one. */
void *memcpy(void *to, const void *from, size_t bytes) {
    void *out = to;
    size_t dwords = bytes / 4, rest = bytes % 4;

    __asm__ volatile("rep movsl" : "+D"(out), "+S"(from), "+c"(dwords) : : "memory");
    __asm__ volatile("rep movsb" : "+D"(out), "+S"(from), "+c"(rest) : : "memory");
    return to;
}

void *memmove(void *to, const void *from, size_t bytes) {
    unsigned char *out = to;
    const unsigned char *in = from;

    if (out <= in || out >= in + bytes) return memcpy(to, from, bytes);
    while (bytes--) out[bytes] = in[bytes];
    return to;
}

void *memset(void *to, int value, size_t bytes) {
    void *out = to;
    size_t dwords = bytes / 4, rest = bytes % 4;
    unsigned four = (unsigned char)value * 0x01010101u;

    __asm__ volatile("rep stosl" : "+D"(out), "+c"(dwords) : "a"(four) : "memory");
    __asm__ volatile("rep stosb" : "+D"(out), "+c"(rest) : "a"(four) : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes) {
    const unsigned char *x = a, *y = b;

    for (; bytes; bytes--, x++, y++)
        if (*x != *y) return *x - *y;
    return 0;
}

size_t strlen(const char *text) {
    const char *end = text;

    while (*end) end++;
    return (size_t)(end - text);
}

int strcmp(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t bytes) {
    for (; bytes; bytes--, a++, b++)
        if (*a != *b || !*a) return (unsigned char)*a - (unsigned char)*b;
    return 0;
}

char *strchr(const char *text, int c) {
    for (;; text++) {
        if (*text == (char)c) return (char *)text;
        if (!*text) return 0;
    }
}
