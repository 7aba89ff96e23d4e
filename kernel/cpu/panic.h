/*
 * panic.h: the end of a kernel that cannot go on.
 */
#ifndef CPU_PANIC_H
#define CPU_PANIC_H

/* Prints "Kernel panic: ", the formatted text and a backtrace, and stops the machine. */
void panic(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* Stops the machine after a report; a self-test run ends QEMU with a failure instead. */
void halt_after_report(void) __attribute__((noreturn));

#endif
