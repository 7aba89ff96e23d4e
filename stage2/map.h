/*
 * map.h: questions to the sanitised memory map. No hardware: the host tests run this code as it is.
 */
#ifndef STAGE2_MAP_H
#define STAGE2_MAP_H

#include <ascent/boot_info.h>
#include <stdbool.h>
#include <stdint.h>

/* What there was no room for. */
struct map_loss {
    uint32_t ranges;
    uint64_t usable; /* bytes of usable memory in them */
};

/* The address behind the last byte, at most 2^64 - 1. */
static inline uint64_t range_end(const struct memory_range *range) {
    uint64_t end = range->base + range->length;

    return end < range->base ? UINT64_MAX : end;
}

/* Is every byte of [base, base + bytes) usable? */
bool map_usable(const struct memory_range *map, uint32_t count, uint64_t base, uint64_t bytes);

/*
 * The lowest page-aligned physical address at or above `from` with `bytes` of usable memory that
 * ends at or below `limit`. 0 if there is none.
 */
uint32_t map_find_room(const struct memory_range *map, uint32_t count, uint32_t from,
                       uint32_t bytes, uint64_t limit);

#endif
