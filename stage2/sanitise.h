/*
 * sanitise.h: from the memory map that the BIOS gave to one that can be trusted. No BIOS, no
 * hardware: the host tests and a fuzzer run this code as it is.
 */
#ifndef STAGE2_SANITISE_H
#define STAGE2_SANITISE_H

#include <ascent/boot_info.h>
#include <stdbool.h>
#include <stdint.h>

/* What there was no room for. */
struct map_loss {
    uint32_t ranges;
    uint64_t usable; /* bytes of usable memory in them */
};

/*
 * Adds `range` to `raw`, which has room for `max`. When that is full, the smallest usable range is
 * left out, be it a new or an old one, and counted in `loss`: what is reserved may lie over RAM that
 * is kept, so it is left out only when nothing usable is there any more.
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

/* Is every byte of [base, base + bytes) usable? */
bool map_usable(const struct memory_range *map, uint32_t count, uint64_t base, uint64_t bytes);

/*
 * The lowest page-aligned physical address at or above `from` with `bytes` of usable memory that
 * ends at or below `limit`. 0 if there is none.
 */
uint32_t map_find_room(const struct memory_range *map, uint32_t count, uint32_t from,
                       uint32_t bytes, uint64_t limit);

#endif
