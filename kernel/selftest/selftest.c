/*
 * selftest.c: runs the test suites and reports them in KTAP, the format of the Linux kernel's own
 * tests (Documentation/dev-tools/ktap.rst).
 */
#include <boot/boot.h>
#include <dev/debug_exit.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <selftest/failures.h>
#include <selftest/irq_load.h>
#include <selftest/selftest.h>
#include <selftest/test.h>

static const struct test_suite *const suites[] = {
    &suite_printk, &suite_string,  &suite_memory_map,  &suite_buddy,      &suite_paging,
    &suite_cpu,    &suite_traps,   &suite_tables,      &suite_large_pages, &suite_spaces,
    &suite_kmap,   &suite_vmalloc, &suite_slab,        &suite_kmalloc,    &suite_pressure,
    &suite_slab_debug, &suite_tasks, &suite_programs, &suite_files, &suite_address_spaces, &suite_block,
    &suite_swap,   &suite_bios,
};

#define SUITES (sizeof suites / sizeof suites[0])

/* Of the running case. */
static unsigned failed_checks;
static const char *skip_reason;
static bool quiet; /* checks print nothing */

static unsigned run_suite(const struct test_suite *suite, unsigned *number);
static void run_with_failures(const char *name);

/* `all` names every suite. */
static int is_asked_for(const struct test_suite *suite, const char *name) {
    return strcmp(name, "all") == 0 || strcmp(name, suite->name) == 0;
}

void selftest_main(void) {
    char name[32];
    unsigned cases = 0, number = 0, failed = 0;
    if (!cmdline_option("selftest", name, sizeof name)) return;
    if (failures_wanted()) {
        run_with_failures(name);
        return;
    }

    for (unsigned i = 0; i < SUITES; i++)
        if (is_asked_for(suites[i], name)) cases += suites[i]->count;
    printk("KTAP version 1\n1..%u\n", cases);
    if (cases == 0) {
        printk("# selftest=%s: no such suite; there are all", name);
        for (unsigned i = 0; i < SUITES; i++) printk(" %s", suites[i]->name);
        printk("\n");
    }
    irq_load_start();
    for (unsigned i = 0; i < SUITES; i++)
        if (is_asked_for(suites[i], name)) failed += run_suite(suites[i], &number);
    irq_load_stop();
    printk("# selftest: %u of %u passed\n", cases - failed, cases);

    debug_exit(failed || cases == 0 ? DEBUG_EXIT_FAIL : DEBUG_EXIT_PASS);
}

/* The suites with allocations that fail: what they find wrong then does not count. */
static void run_with_failures(const char *name) {
    unsigned number = 0, failed = 0;

    printk("KTAP version 1\n");
    quiet = true;
    for (unsigned i = 0; i < SUITES; i++)
        if (is_asked_for(suites[i], name)) failed += !failures_of_suite(suites[i], ++number);
    if (strcmp(name, "all") == 0 || strcmp(name, "lessons") == 0)
        failed += !failures_of_lessons(++number);
    quiet = false;
    printk("1..%u\n# selftest: %u of %u passed\n", number, number - failed, number);
    debug_exit(failed || number == 0 ? DEBUG_EXIT_FAIL : DEBUG_EXIT_PASS);
}

/* Answers how many cases failed. */
static unsigned run_suite(const struct test_suite *suite, unsigned *number) {
    unsigned failed = 0;
    for (unsigned i = 0; i < suite->count; i++) {
        const struct test_case *test = &suite->cases[i];
        failed_checks = 0;
        skip_reason = NULL;
        test->run();
        if (failed_checks) failed++;
        printk("%sok %u %s.%s%s%s\n", failed_checks ? "not " : "", ++*number, suite->name,
               test->name, skip_reason ? " # SKIP " : "", skip_reason ? skip_reason : "");
    }
    return failed;
}

void test_skip(const char *reason) {
    skip_reason = reason;
}

void test_check(int holds, const char *condition, const char *file, int line) {
    if (holds) return;
    failed_checks++;
    if (!quiet) printk("# %s:%d: not so: %s\n", file, line, condition);
}

void test_equal(uint64_t got, uint64_t wanted, const char *expression, const char *file,
                int line) {
    if (got == wanted) return;
    failed_checks++;
    if (!quiet) printk("# %s:%d: %s is %llx, not %llx\n", file, line, expression, got, wanted);
}

void test_text(const char *got, const char *wanted, const char *file, int line) {
    if (strcmp(got, wanted) == 0) return;
    failed_checks++;
    if (!quiet) printk("# %s:%d: got \"%s\", wanted \"%s\"\n", file, line, got, wanted);
}
