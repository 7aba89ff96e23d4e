/*
 * printk.h: formatted output to the console, with Linux's names for the levels.
 */
#ifndef LIB_PRINTK_H
#define LIB_PRINTK_H

#include <stdarg.h>
#include <stddef.h>

#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

/*
 * Prints to the screen, COM1 and port E9. Formats: %d %i %u %x %X %o %p %s %c %%, with the flags
 * - and 0, a width and a precision (numbers or *), and the lengths h, l, ll and z. Control characters
 * in the arguments of %s and %c come as \xNN; those in the format are as they are.
 * Returns the number of characters.
 */
int printk(const char *format, ...) PRINTF_LIKE(1, 2);
int vprintk(const char *format, va_list args);

/* The same into `out` of `size` bytes, cut to fit and NUL-terminated; returns the whole length. */
int snprintf(char *out, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);
int vsnprintf(char *out, size_t size, const char *format, va_list args);

#define pr_err(...) printk("error: " __VA_ARGS__)
#define pr_warn(...) printk("warning: " __VA_ARGS__)
#define pr_info(...) printk(__VA_ARGS__)

#endif
