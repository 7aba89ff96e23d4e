/*
 * selftest.h: tests that run in the kernel, on the machine itself.
 */
#ifndef SELFTEST_SELFTEST_H
#define SELFTEST_SELFTEST_H

/*
 * With `selftest=all` or `selftest=<suite>` on the command line: runs the tests, reports them in
 * KTAP on the console, and ends QEMU through isa-debug-exit (10h: all passed, 11h: not). Returns
 * where there is no such device, or when no tests were asked for.
 * Needs: memory taken over, console, GDT, IDT; interrupts may be on.
 */
void selftest_main(void);

#endif
