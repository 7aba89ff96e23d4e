/*
 * string.c: what the programs have beside kernel/lib/string.c, which is linked to them too.
 */
#include "lib.h"

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
