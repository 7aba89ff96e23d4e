/*
 * bench.h: how long the kernel's memory functions take, measured in the kernel.
 * Chapter: docs/performance.md.
 */
#ifndef SELFTEST_BENCH_H
#define SELFTEST_BENCH_H

#include <stdbool.h>

/*
 * With `bench=all` or `bench=<operation>` on the command line: measures with the time-stamp
 * counter, prints a line an operation, and gives everything back.
 *
 *   @BENCH <operation> rounds=<n> cycles=<of the fastest n> min=<of one> median=<of one>
 *   @BENCH <operation> n/a: <why>
 *   @BENCH end accounting=<equal or changed>
 *
 * Needs: everything that mm_init() starts. Interrupts may be on; they are off while it measures.
 */
void bench_main(void);

/* One operation. It leaves everything as it was, so that it can be repeated. */
struct bench {
    const char *name;
    unsigned rounds;
    bool (*operation)(void);      /* false: there was no memory for it */
    const char *(*prepare)(void); /* or a null pointer; answers why it cannot be done, or null */
    void (*finish)(void);         /* or a null pointer; undoes all that prepare() has done */
};

/* bench_memory.c */
extern const struct bench bench_list[];
extern const unsigned bench_count;

/*
 * Brings the free lists of a zone into a state that does not depend on the machine: one block of
 * each order below ORDER_MAX, and all else in largest blocks. The second gives back what that took.
 */
void bench_settle(void);
void bench_unsettle(void);

#endif
