/*
 * string.c: the string functions that the programs and the compiler need.
 */
#include "lib.h"

void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
    char *t = to;
    const char *f = from;
    while (bytes--) *t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, size_t bytes) {
    char *t = to;
    const char *f = from;
    if (t <= f) return memcpy(to, from, bytes);
    while (bytes--) t[bytes] = f[bytes];
    return to;
}

void *memset(void *to, int byte, size_t bytes) {
    char *t = to;
    while (bytes--) *t++ = (char)byte;
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes) {
    const unsigned char *x = a, *y = b;
    for (; bytes; bytes--, x++, y++)
        if (*x != *y) return *x - *y;
    return 0;
}

size_t strlen(const char *s) {
    size_t length = 0;
    while (s[length]) length++;
    return length;
}

int strcmp(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t most) {
    for (; most; most--, a++, b++)
        if (*a != *b || !*a) return (unsigned char)*a - (unsigned char)*b;
    return 0;
}

char *strchr(const char *s, int c) {
    for (; *s; s++)
        if (*s == c) return (char *)s;
    return c ? NULL : (char *)s;
}

char *strstr(const char *s, const char *part) {
    size_t length = strlen(part);
    for (; *s; s++)
        if (!strncmp(s, part, length)) return (char *)s;
    return length ? NULL : (char *)s;
}

char *strcpy(char *to, const char *from) {
    memcpy(to, from, strlen(from) + 1);
    return to;
}

uint32_t parse_number(const char *s, int base) {
    uint32_t value = 0;
    while (*s == ' ') s++;
    if (base == 16 && s[0] == '0' && s[1] == 'x') s += 2;
    for (;; s++) {
        int digit = *s >= '0' && *s <= '9'   ? *s - '0'
                    : *s >= 'a' && *s <= 'f' ? *s - 'a' + 10
                                             : base;
        if (digit >= base) return value;
        value = value * (uint32_t)base + (uint32_t)digit;
    }
}
