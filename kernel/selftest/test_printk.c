/*
 * test_printk.c: the formats of printk, by way of snprintf.
 */
#include <lib/printk.h>
#include <selftest/test.h>

/* Formats into a buffer and compares; GCC checks the arguments against the format. */
#define CHECK_FORMAT(wanted, ...)                 \
    do {                                          \
        char text[64];                            \
        snprintf(text, sizeof text, __VA_ARGS__); \
        CHECK_TEXT(text, wanted);                 \
    } while (0)

static void integers(void) {
    CHECK_FORMAT("0 -1 2147483647", "%d %d %i", 0, -1, (int)INT32_MAX);
    CHECK_FORMAT("-2147483648", "%d", (int)INT32_MIN);
    CHECK_FORMAT("4294967295", "%u", (unsigned)UINT32_MAX);
    CHECK_FORMAT("beef BEEF 777", "%x %X %o", 0xBEEFu, 0xBEEFu, 0777u);
}

static void long_integers(void) {
    CHECK_FORMAT("18446744073709551615", "%llu", (unsigned long long)UINT64_MAX);
    CHECK_FORMAT("-9223372036854775808", "%lld", (long long)INT64_MIN);
    CHECK_FORMAT("123456789abcdef0", "%llx", 0x123456789ABCDEF0ull);
    CHECK_FORMAT("12 34", "%lu %zu", 12ul, (__SIZE_TYPE__)34);
}

static void widths(void) {
    CHECK_FORMAT("[   42][42   ][00042]", "[%5d][%-5d][%05d]", 42, 42, 42);
    CHECK_FORMAT("[-0042][  -42]", "[%05d][%5d]", -42, -42);
    CHECK_FORMAT("[0000000000001000]", "[%016llx]", 0x1000ull);
    CHECK_FORMAT("[  7][7  ]", "[%*d][%-*d]", 3, 7, 3, 7);
}

static void strings(void) {
    CHECK_FORMAT("[abc][  abc][abc  ][ab]", "[%s][%5s][%-5s][%.2s]", "abc", "abc", "abc", "abc");
    CHECK_FORMAT("x%", "%c%%", 'x');
}

/* What does not fit is cut, the end is a NUL, and the answer is the length it would have had. */
static void truncation(void) {
    char text[5] = "....";
    CHECK_EQUAL((uint64_t)snprintf(text, 4, "%s", "abcdef"), 6);
    CHECK_TEXT(text, "abc");
    CHECK_EQUAL((uint64_t)(uint8_t)text[4], 0);
}

static const struct test_case cases[] = {
    {"integers", integers}, {"long_integers", long_integers}, {"widths", widths},
    {"strings", strings},   {"truncation", truncation},
};

const struct test_suite suite_printk = TEST_SUITE("printk", cases);
