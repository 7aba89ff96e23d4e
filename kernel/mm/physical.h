/*
 * physical.h: physical memory that nobody has mapped, such as the firmware's tables.
 */
#ifndef MM_PHYSICAL_H
#define MM_PHYSICAL_H

#include <stdbool.h>
#include <stdint.h>

/* Copies `bytes` from `phys`, by the direct map where it is in there, else by a mapping of its own. Not
 * for registers of devices. False where there is no such address, or no memory for the mapping. */
bool physical_read(uint64_t phys, void *to, uint32_t bytes);

#endif
