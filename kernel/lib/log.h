/*
 * log.h: the last of what the kernel has said, for dmesg: syslog(2).
 */
#ifndef LIB_LOG_H
#define LIB_LOG_H

#include <stdint.h>

#define LOG_BYTES 16384u

/* Keeps a character. From anywhere. */
void log_putc(char c);

/* How many are kept, at most LOG_BYTES; and character `index` of them, 0 is the oldest. */
uint32_t log_length(void);
char log_at(uint32_t index);

#endif
