/*
 * sanitise.c: from the memory map that the BIOS gave to one that can be trusted.
 *
 * Real maps come unsorted, overlapping, with empty ranges, and with unknown types. Instead of
 * mending them range by range, this walks up the address space from one boundary to the next and
 * asks at each: what is here, of all that the BIOS said? The strongest claim wins.
 */
#include "sanitise.h"

#include <ascent/layout.h>

#define ATTRIBUTE_ENABLED 0x1 /* ACPI 6.4 §15.1: the range is to be ignored without it */

static bool counts(const struct memory_range *range) {
    return range->length && (range->attributes & ATTRIBUTE_ENABLED);
}

/* The address behind the last byte, at most 2^64 - 1. */
static uint64_t end_of(const struct memory_range *range) {
    uint64_t end = range->base + range->length;

    return end < range->base ? UINT64_MAX : end;
}

/* Which of two claims to the same byte wins: the larger. */
static int strength(uint32_t type) {
    switch (type) {
    case MEMORY_USABLE: return 1;
    case MEMORY_ACPI_RECLAIMABLE: return 2;
    case MEMORY_ACPI_NVS: return 3;
    case MEMORY_BAD: return 5;
    default: return 4; /* reserved, and all types that we do not know */
    }
}

/* What is known of memory from `at` on: the strongest type there, and where that may change. */
struct claim {
    uint32_t type; /* 0: nobody speaks of it */
    uint64_t until;
};

static void consider(struct claim *claim, uint64_t at, const struct memory_range *range) {
    if (!counts(range)) return;
    uint64_t end = end_of(range);
    if (range->base > at) {
        if (range->base < claim->until) claim->until = range->base;
    } else if (end > at) {
        if (end < claim->until) claim->until = end;
        if (!claim->type || strength(range->type) > strength(claim->type))
            claim->type = strength(range->type) == 4 ? (uint32_t)MEMORY_RESERVED : range->type;
    }
}

/* Adds [base, end) to the map, to its last range if that goes on. False when the map is full. */
static bool append(struct memory_range *map, uint32_t *count, uint32_t max, uint64_t base,
                   uint64_t end, uint32_t type) {
    if (*count) {
        struct memory_range *last = &map[*count - 1];
        if (last->type == type && end_of(last) == base) {
            last->length += end - base;
            return true;
        }
    }
    if (*count == max) return false;
    map[(*count)++] = (struct memory_range){base, end - base, type, ATTRIBUTE_ENABLED};
    return true;
}

uint32_t map_sanitise(struct memory_range *map, uint32_t max, const struct memory_range *raw,
                      uint32_t raw_count, uint32_t low_end) {
    const struct memory_range never_usable[] = {
        {0, PAGE_SIZE, MEMORY_RESERVED, ATTRIBUTE_ENABLED},
        {low_end, HIGH_MEMORY_START - low_end, MEMORY_RESERVED, ATTRIBUTE_ENABLED},
    };
    uint32_t count = 0;
    uint64_t at = 0;

    while (at != UINT64_MAX) {
        struct claim claim = {0, UINT64_MAX};
        for (uint32_t i = 0; i < 2; i++) consider(&claim, at, &never_usable[i]);
        for (uint32_t i = 0; i < raw_count; i++) consider(&claim, at, &raw[i]);
        if (claim.type && !append(map, &count, max, at, claim.until, claim.type)) break;
        at = claim.until;
    }
    return count;
}

bool map_usable(const struct memory_range *map, uint32_t count, uint64_t base, uint64_t bytes) {
    for (uint32_t i = 0; i < count; i++) {
        if (map[i].type == MEMORY_USABLE && base >= map[i].base && base < end_of(&map[i]))
            return bytes <= end_of(&map[i]) - base;
    }
    return bytes == 0;
}

uint32_t map_find_room(const struct memory_range *map, uint32_t count, uint32_t from,
                       uint32_t bytes, uint64_t limit) {
    for (uint32_t i = 0; i < count; i++) {
        if (map[i].type != MEMORY_USABLE) continue;
        uint64_t start = map[i].base > from ? map[i].base : from;
        start = (start + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
        uint64_t end = end_of(&map[i]) < limit ? end_of(&map[i]) : limit;
        if (start < end && end - start >= bytes) return (uint32_t)start;
    }
    return 0;
}
