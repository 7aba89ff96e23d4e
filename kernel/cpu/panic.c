/*
 * panic.c: the end of a kernel that cannot go on.
 */
#include <boot/boot.h>
#include <cpu/backtrace.h>
#include <cpu/control.h>
#include <cpu/panic.h>
#include <dev/debug_exit.h>
#include <lib/printk.h>
#include <stdarg.h>

void halt_after_report(void) {
    char suite[2];

    printk("System halted.\n");
    if (cmdline_option("selftest", suite, sizeof(suite))) debug_exit(DEBUG_EXIT_FAIL);
    stop();
}

void panic(const char *format, ...) {
    va_list args;

    cli();
    printk("\nKernel panic: ");
    va_start(args, format);
    vprintk(format, args);
    va_end(args);
    printk("\n");
    backtrace((uint32_t)__builtin_frame_address(0));
    halt_after_report();
}
