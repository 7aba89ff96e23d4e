/*
 * test_div64.c: the kernel's 64-bit division against this machine's own.
 */
#include "cmocka_test.h"

#include <stdlib.h>

int64_t __divdi3(int64_t number, int64_t by);
int64_t __moddi3(int64_t number, int64_t by);
uint64_t __udivdi3(uint64_t number, uint64_t by);
uint64_t __umoddi3(uint64_t number, uint64_t by);

static void check(uint64_t number, uint64_t by) {
    int64_t signed_number = (int64_t)number, signed_by = (int64_t)by;

    if (by == 0) return;
    assert_true(__udivdi3(number, by) == number / by);
    assert_true(__umoddi3(number, by) == number % by);
    if (signed_number == INT64_MIN && signed_by == -1) return; /* no such number (C11 §6.5.5) */
    assert_true(__divdi3(signed_number, signed_by) == signed_number / signed_by);
    assert_true(__moddi3(signed_number, signed_by) == signed_number % signed_by);
}

/* Where the ways part, and the numbers beside. */
static void edges(void **state) {
    static const uint64_t edge[] = {0, 1u << 31, 1ull << 32, 1ull << 33, 1ull << 62, 1ull << 63};
    const int edges = sizeof edge / sizeof edge[0];

    (void)state;
    for (int i = 0; i < edges; i++)
        for (int j = 0; j < edges; j++)
            for (int near = -2; near <= 2; near++)
                for (int by = -2; by <= 2; by++)
                    check(edge[i] + (uint64_t)near, edge[j] + (uint64_t)by);
}

static uint64_t random_of_any_width(void) {
    uint64_t number = 0;
    for (int i = 0; i < 5; i++) number = number << 15 ^ (uint64_t)rand();
    return number >> rand() % 64;
}

static void any_numbers(void **state) {
    (void)state;
    srand(1);
    for (int i = 0; i < 1000000; i++) check(random_of_any_width(), random_of_any_width());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges),
        cmocka_unit_test(any_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
