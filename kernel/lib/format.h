/*
 * format.h: printf's formats, character by character to whoever wants them.
 */
#ifndef LIB_FORMAT_H
#define LIB_FORMAT_H

#include <stdarg.h>
#include <stdbool.h>

/*
 * Calls put(where, c) for each character of the formatted text (printk.h lists the formats).
 * With `escape`, what is not printable ASCII in the arguments of %s and %c comes as \xNN: text that
 * somebody else has written moves no cursor and starts no line.
 * Returns their number.
 */
int format_text(void (*put)(void *where, char c), void *where, bool escape, const char *format,
                va_list args);

#endif
