/*
 * failures.c: a suite again and again, and each time another allocation fails.
 */
#include <boot/boot.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/failalloc.h>
#include <monitor/lesson.h>
#include <selftest/accounting.h>
#include <selftest/failures.h>

bool failures_wanted(void) {
    char value[8];
    return cmdline_option("failalloc", value, sizeof value) && strcmp(value, "each") == 0;
}

static void run_suite(const struct test_suite *suite) {
    for (unsigned i = 0; i < suite->count; i++) suite->cases[i].run();
}

static void run_lessons(const struct test_suite *unused) {
    (void)unused;
    for (unsigned i = 0; i < lesson_count; i++) lessons[i].give(0);
}

/* Repeats `once` until no allocation in it is new. Answers how many were made to fail; 0 after a
 * message if one of them left something behind. */
static unsigned repeat(void (*once)(const struct test_suite *), const struct test_suite *suite,
                       bool all_after) {
    static struct accounting before, after;

    once(suite); /* for nothing: some of what it makes stays for the next one */
    accounting_take(&before);
    failalloc_forget_places();
    for (unsigned runs = 1;; runs++) {
        failalloc_new_place(all_after);
        once(suite);
        bool has_failed = failalloc_stop();
        accounting_take(&after);
        if (accounting_compare(&before, &after)) {
            printk("# after run %u%s\n", runs, all_after ? ", all later ones failing too" : "");
            return 0;
        }
        if (!has_failed) return runs;
    }
}

static bool report(const char *name, unsigned number, unsigned alone, unsigned all_after) {
    bool good = alone && all_after;
    if (good)
        printk("# %s: %u allocations failed alone, %u with all after them\n", name, alone - 1,
               all_after - 1);
    printk("%sok %u failalloc.%s\n", good ? "" : "not ", number, name);
    return good;
}

bool failures_of_suite(const struct test_suite *suite, unsigned number) {
    unsigned alone = repeat(run_suite, suite, false);
    return report(suite->name, number, alone, repeat(run_suite, suite, true));
}

bool failures_of_lessons(unsigned number) {
    unsigned alone = repeat(run_lessons, NULL, false);
    return report("lessons", number, alone, repeat(run_lessons, NULL, true));
}
