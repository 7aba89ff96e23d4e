/*
 * linux_words.c: the word of a Linux command line that is for the loader too. 32-bit code, without
 * hardware. Contract in linux.h.
 */
#include "boot.h"
#include "bytes.h"
#include "linux.h"

/* A number as C writes it, and perhaps a letter that multiplies it by a power of 1,024. */
static uint64_t size_at(const char *at) {
    static const char units[] = "kmgtpe";
    uint32_t base = 10;
    uint64_t size = 0;

    if (at[0] == '0') {
        base = (at[1] | 0x20) == 'x' ? 16 : 8;
        if (base == 16) at += 2;
    }
    while (digit_of(*at) < base) size = size * base + digit_of(*at++);
    for (uint32_t i = 0; units[i]; i++)
        if ((*at | 0x20) == units[i]) size <<= 10 * (i + 1);
    return size;
}

uint64_t linux_memory_end(void) {
    uint64_t end = UINT64_MAX;
    char before = ' ';

    for (const char *at = boot_cmdline; *at; before = *at++) {
        if (before != ' ' || !same_bytes(at, "mem=", 4)) continue;
        uint64_t size = size_at(at + 4);
        if (size && size < end) end = size; /* 0: no number, as in mem=nopentium */
    }
    return end;
}
