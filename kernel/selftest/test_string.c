/*
 * test_string.c: memory and string functions.
 */
#include <lib/string.h>
#include <selftest/test.h>

static void copy(void) {
    char text[9] = "........";
    memcpy(text + 1, "abcdef", 6);
    CHECK_TEXT(text, ".abcdef.");
}

/* Source and destination overlap, both ways. */
static void move(void) {
    char up[9] = "abcdefgh", down[9] = "abcdefgh";
    memmove(up + 2, up, 6);
    CHECK_TEXT(up, "ababcdef");
    memmove(down, down + 2, 6);
    CHECK_TEXT(down, "cdefghgh");
}

static void set(void) {
    char text[6] = "abcde";
    memset(text + 1, 'x', 3);
    CHECK_TEXT(text, "axxxe");
}

static void compare(void) {
    CHECK(memcmp("abc", "abd", 2) == 0);
    CHECK(memcmp("abc", "abd", 3) < 0);
    CHECK(memcmp("\xff", "\x01", 1) > 0);
    CHECK(strcmp("abc", "abc") == 0);
    CHECK(strcmp("abc", "ab") > 0);
    CHECK(strcmp("\x01", "\xff") < 0);
    CHECK(strncmp("abcd", "abxx", 2) == 0);
    CHECK(strncmp("ab", "abc", 3) < 0);
}

static void length_and_search(void) {
    const char *text = "a:b:c";
    CHECK_EQUAL(strlen(""), 0);
    CHECK_EQUAL(strlen(text), 5);
    CHECK(strchr(text, ':') == text + 1);
    CHECK(strchr(text, 'x') == 0);
    CHECK(strchr(text, 0) == text + 5);
}

static void bounded_copy(void) {
    char text[4];
    CHECK_EQUAL(strlcpy(text, "abcdef", sizeof text), 6);
    CHECK_TEXT(text, "abc");
    CHECK_EQUAL(strlcpy(text, "x", sizeof text), 1);
    CHECK_TEXT(text, "x");
}

static const struct test_case cases[] = {
    {"copy", copy}, {"move", move}, {"set", set}, {"compare", compare},
    {"length_and_search", length_and_search}, {"bounded_copy", bounded_copy},
};

const struct test_suite suite_string = TEST_SUITE("string", cases);
