/*
 * memory_test.h: what tests of memory management share: physical memory, panics that can be caught,
 * and random numbers. Included by one file of each test program, after cmocka_test.h.
 */
#ifndef MEMORY_TEST_H
#define MEMORY_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cpu/panic.h>
#include <mm/direct_map.h>

uint8_t *host_memory;
static uint64_t host_memory_bytes;

/* Fresh memory from physical 0 on, all zeros. Only what is written to takes any. */
static inline void host_memory_new(uint64_t bytes) {
    if (host_memory) munmap(host_memory, host_memory_bytes);
    host_memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    host_memory_bytes = bytes;
    if (host_memory == MAP_FAILED) fail_msg("no room for %llu bytes", (unsigned long long)bytes);
}

static jmp_buf panic_jump;
static int panic_expected;
static unsigned panic_count;
static char panic_text[256];

void panic(const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(panic_text, sizeof panic_text, format, args);
    va_end(args);
    panic_count++;
    if (panic_expected) longjmp(panic_jump, 1);
    fail_msg("panic: %s", panic_text);
    abort();
}

/* `statement` panics exactly once, with a text that `wanted` is a part of. */
#define PANICS(wanted, statement)                                                 \
    do {                                                                          \
        panic_count = 0;                                                          \
        panic_expected = 1;                                                       \
        if (setjmp(panic_jump) == 0) { statement; }                               \
        panic_expected = 0;                                                       \
        if (panic_count != 1) fail_msg("%u panics: %s", panic_count, #statement); \
        if (!strstr(panic_text, wanted)) fail_msg("panic is: %s", panic_text);    \
    } while (0)

/* xorshift64*: the same numbers in every run and on every machine. */
static uint64_t random_state = 1;

static inline uint32_t random_below(uint32_t end) {
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (uint32_t)((random_state * 0x2545F4914F6CDD1Dull) >> 32) % end;
}

#endif
