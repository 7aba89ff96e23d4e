/*
 * args.h: the words of a command line, and the numbers in them.
 */
#ifndef MONITOR_ARGS_H
#define MONITOR_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#define ARGS_MAX 8

/* Cuts `line` into words at spaces, in place. Answers their number, or -1 if there are more than
 * ARGS_MAX. */
int args_split(char *line, char *argv[ARGS_MAX]);

/* A 32-bit hexadecimal number, with or without 0x, that ends at `end` (NUL or ':'). False when it
 * is not one, or is too large. `value` may be changed even then. */
bool args_hex(const char *text, char end, uint32_t *value);

/* A decimal number, or a hexadecimal one with 0x. */
bool args_count(const char *text, uint32_t *value);

#endif
