/*
 * test.h: what a test suite is made of. A case passes when none of its checks fails.
 */
#ifndef SELFTEST_TEST_H
#define SELFTEST_TEST_H

#include <stdint.h>

struct test_case {
    const char *name;
    void (*run)(void);
};

struct test_suite {
    const char *name;
    const struct test_case *cases;
    unsigned count;
};

#define TEST_SUITE(name, cases) {(name), (cases), sizeof(cases) / sizeof((cases)[0])}

extern const struct test_suite suite_printk;
extern const struct test_suite suite_string;
extern const struct test_suite suite_memory_map;
extern const struct test_suite suite_buddy;
extern const struct test_suite suite_tables;
extern const struct test_suite suite_large_pages;
extern const struct test_suite suite_spaces;
extern const struct test_suite suite_kmap;
extern const struct test_suite suite_vmalloc;
extern const struct test_suite suite_slab;
extern const struct test_suite suite_kmalloc;
extern const struct test_suite suite_slab_debug;
extern const struct test_suite suite_pressure;
extern const struct test_suite suite_paging;
extern const struct test_suite suite_cpu;
extern const struct test_suite suite_traps;
extern const struct test_suite suite_tasks;
extern const struct test_suite suite_programs;
extern const struct test_suite suite_files;
extern const struct test_suite suite_block;
extern const struct test_suite suite_swap;
extern const struct test_suite suite_address_spaces;
extern const struct test_suite suite_bios;

/* Each prints a diagnostic and fails the running case when what it checks is not so. */
#define CHECK(condition) test_check((condition) != 0, #condition, __FILE__, __LINE__)
#define CHECK_EQUAL(got, wanted) test_equal((got), (wanted), #got, __FILE__, __LINE__)
#define CHECK_TEXT(got, wanted) test_text((got), (wanted), __FILE__, __LINE__)

/* The running case has nothing to test on this machine, for this reason. Return after it. */
void test_skip(const char *reason);

/* CHECK() for what the rest of a case cannot do without: `if (!HAVE(memory)) return;`. */
#define HAVE(memory) test_have((memory) != 0, #memory, __FILE__, __LINE__)

void test_check(int holds, const char *condition, const char *file, int line);

/* Here, so that whoever checks the sources sees that it returns what it is given. */
static inline int test_have(int there, const char *what, const char *file, int line) {
    test_check(there, what, file, line);
    return there;
}

void test_equal(uint64_t got, uint64_t wanted, const char *expression, const char *file, int line);
void test_text(const char *got, const char *wanted, const char *file, int line);

#endif
