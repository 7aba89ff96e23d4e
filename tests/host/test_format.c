/*
 * test_format.c: the kernel's printf formats against the C library's.
 */
#include "cmocka_test.h"

#include <stdio.h>
#include <string.h>

#include <lib/format.h>

#include "no_disk.h"

struct output {
    char text[128];
    int length;
};

static void put(void *where, char c) {
    struct output *output = where;
    output->text[output->length++] = c;
}

static int formatted(struct output *output, bool escape, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int length = format_text(put, output, escape, format, args);
    va_end(args);
    return length;
}

#define SAME(...)                                            \
    do {                                                     \
        struct output output = {{0}, 0};                     \
        char libc[128];                                      \
        int wanted = (snprintf)(libc, sizeof libc, __VA_ARGS__); \
        assert_int_equal(formatted(&output, false, __VA_ARGS__), wanted); \
        assert_string_equal(output.text, libc);              \
    } while (0)

static void like_the_c_library(void **state) {
    (void)state;
    static const int numbers[] = {0, 1, -1, 42, -4242, INT32_MAX, INT32_MIN};
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        int n = numbers[i];
        SAME("%d|%5d|%-5d|%05d|%.3d|%8.3d|%-8.3d|%i", n, n, n, n, n, n, n, n);
        SAME("%u|%x|%X|%o|%08x|%-8x|%.6x", n, n, n, n, n, n, n);
        SAME("%lld|%llx|%020llx|%-20lld|", (long long)n * 1048576, (long long)n * 1048576, (long long)n,
             (long long)n);
    }
    SAME("%s|%5s|%-5s|%.2s|%c|%%|%*d|%-*d|%.*s", "abc", "abc", "abc", "abc", 'x', 4, 7, 4, 7, 1,
         "xyz");
    SAME("%zu %hd %hhu", (size_t)12345, (short)-3, (unsigned char)7);
}

/* Text of others cannot move the cursor or start a line; our own format can. */
static void escapes_arguments(void **state) {
    (void)state;
    struct output output = {{0}, 0};
    int length = formatted(&output, true, "\n%s|%c|%-6s|%.2s\n", "a\033[2J\r\n@READY\177", '\b', "\200",
                           "\001\002\003");
    assert_string_equal(output.text,
                        "\na\\x1B[2J\\x0D\\x0A@READY\\x7F|\\x08|\\x80  |\\x01\\x02\n");
    assert_int_equal(length, strlen(output.text));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(like_the_c_library),
                                       cmocka_unit_test(escapes_arguments)};
    return cmocka_run_group_tests_name("format", tests, 0, 0);
}
