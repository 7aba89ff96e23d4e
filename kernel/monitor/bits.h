/*
 * bits.h: the named bits of a register or a page-table entry.
 */
#ifndef MONITOR_BITS_H
#define MONITOR_BITS_H

#include <stdint.h>

/* One bit; a table of them ends with a null name. */
struct bit_name {
    uint8_t bit;
    const char *name;
};

/* Prints a space and the name for each bit of `names` that is 1, in the order of the table. */
void print_bits(uint64_t value, const struct bit_name *names);

#endif
