/*
 * cmocka_test.h: what cmocka wants included before it, and how long a random test goes on.
 */
#ifndef CMOCKA_TEST_H
#define CMOCKA_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* Calls that a random test makes: OPERATIONS of the environment (make test-full: a million). */
static inline unsigned operations_wanted(void) {
    const char *operations = getenv("OPERATIONS");

    return operations ? (unsigned)atoi(operations) : 150000;
}

#endif
