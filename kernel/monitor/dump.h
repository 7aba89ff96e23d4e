/*
 * dump.h: bytes as people read them.
 */
#ifndef MONITOR_DUMP_H
#define MONITOR_DUMP_H

#include <stdint.h>

/* "c0100000  55 89 e5 ...  U...", 16 of the `count` bytes a line; the first has this address. */
void dump_print(const uint8_t *bytes, uint32_t address, unsigned count);

#endif
