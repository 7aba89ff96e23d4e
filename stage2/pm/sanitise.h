/*
 * sanitise.h: from the memory map that the BIOS gave to one that can be trusted. No BIOS, no
 * hardware: the host tests and a fuzzer run this code as it is.
 */
#ifndef PM_SANITISE_H
#define PM_SANITISE_H

#include <ascent/boot_info.h>
#include <stdint.h>

#include "map.h"

/*
 * Adds `range` to `raw`, which has room for `max`. When that is full, to a range of the same type
 * that it overlaps or touches, if there is one; else the smallest usable range is left out, be it a
 * new or an old one, and counted in `loss`: what is reserved may lie over RAM that is kept, so it is
 * left out only when nothing usable is there any more.
 */
void map_add_raw(struct memory_range *raw, uint32_t *count, uint32_t max,
                 const struct memory_range *range, struct map_loss *loss);

/*
 * Fills `map` (room for `max` ranges) from `raw`: sorted, without overlaps or empty ranges,
 * neighbours of one type merged. Where ranges overlap, reserved wins over usable; unknown types
 * are reserved. Page 0 and `low_end`...1 MB (bytes; EBDA, video memory, ROMs) are never usable.
 * Returns the number of ranges. When there is not enough room, the smallest that are not usable are
 * left out, then the smallest usable ones, and counted in `loss`: what no range speaks of is not
 * usable either.
 */
uint32_t map_sanitise(struct memory_range *map, uint32_t max, const struct memory_range *raw,
                      uint32_t raw_count, uint32_t low_end, struct map_loss *loss);

#endif
