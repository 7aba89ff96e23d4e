/*
 * format.h: printf's formats, character by character to whoever wants them.
 */
#ifndef LIB_FORMAT_H
#define LIB_FORMAT_H

#include <stdarg.h>

/*
 * Calls put(where, c) for each character of the formatted text (printk.h lists the formats).
 * Returns their number.
 */
int format_text(void (*put)(void *where, char c), void *where, const char *format, va_list args);

#endif
