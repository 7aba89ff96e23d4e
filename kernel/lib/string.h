/*
 * string.h: the functions of C's <string.h> that the kernel uses, with C's contracts (C11 §7.24).
 */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t bytes);
char *strchr(const char *text, int c);

/*
 * Copies `from` into `to` of `size` bytes, always NUL-terminated (size 0: nothing is written).
 * Returns strlen(from): a result >= size says that it was cut.
 */
size_t strlcpy(char *to, const char *from, size_t size);

#endif
