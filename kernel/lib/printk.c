/*
 * printk.c: formatted output to the console.
 */
#include <dev/console.h>
#include <lib/format.h>
#include <lib/log.h>
#include <lib/printk.h>

static void to_console(void *unused, char c);

int vprintk(const char *format, va_list args) {
    return format_text(to_console, 0, true, format, args);
}

int printk(const char *format, ...) {
    va_list args;

    va_start(args, format);
    int length = vprintk(format, args);
    va_end(args);
    return length;
}

static void to_console(void *unused, char c) {
    (void)unused;
    console_putc(c);
    log_putc(c);
}
