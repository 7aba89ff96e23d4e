/*
 * describe.h: who knows something about a linear address. The report of a page fault asks them all,
 * last of all: what they look at may be what is damaged.
 */
#ifndef CPU_DESCRIBE_H
#define CPU_DESCRIBE_H

#include <stdint.h>

/* Prints a line about the address, or nothing. */
typedef void describer(uint32_t address);

/* `describe` is asked from now on. Panics when there are too many. */
void describe_add(describer *describe);

/* Asks all of them. */
void describe_address(uint32_t address);

#endif
