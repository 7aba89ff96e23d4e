/*
 * random.h: numbers for tests that try things in no order. The same ones in each run.
 */
#ifndef SELFTEST_RANDOM_H
#define SELFTEST_RANDOM_H

#include <stdint.h>

/* 0 ... 65535 */
static inline uint32_t test_random(void) {
    static uint32_t state = 1;
    state = state * 1103515245 + 12345; /* C11 §7.22.2, the example */
    return state >> 16;
}

#endif
