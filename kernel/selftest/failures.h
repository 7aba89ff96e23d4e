/*
 * failures.h: the suites and the lessons under mm/failalloc.h: whatever allocation fails, nothing is
 * lost and nothing crashes.
 */
#ifndef SELFTEST_FAILURES_H
#define SELFTEST_FAILURES_H

#include <selftest/test.h>
#include <stdbool.h>

/* Is there `failalloc=each` on the command line? */
bool failures_wanted(void);

/*
 * Runs the suite until each allocation in it has failed once alone, and once together with all that
 * come after it. Between the runs all counts of memory must be exactly as at first. Prints a line of
 * KTAP with this number, and how many failed; answers whether all was well.
 */
bool failures_of_suite(const struct test_suite *suite, unsigned number);

/* The same for all lessons of the monitor. */
bool failures_of_lessons(unsigned number);

#endif
