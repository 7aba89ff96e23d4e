/*
 * sanitise.c: from the memory map that the BIOS gave to one that can be trusted. 32-bit code, without
 * hardware: the host tests and a fuzzer run it as it is.
 *
 * Real maps come unsorted, overlapping, with empty ranges, and with unknown types. Instead of
 * mending them range by range, this walks up the address space from one boundary to the next and
 * asks at each: what is here, of all that the BIOS said? The strongest claim wins.
 */
#include "sanitise.h"

#include <ascent/layout.h>

#include "map.h"

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
    if (!range->length) return;
    uint64_t end = range_end(range);
    if (range->base > at) {
        if (range->base < claim->until) claim->until = range->base;
    } else if (end > at) {
        if (end < claim->until) claim->until = end;
        if (!claim->type || strength(range->type) > strength(claim->type))
            claim->type = strength(range->type) == 4 ? (uint32_t)MEMORY_RESERVED : range->type;
    }
}

/* Which of two is left out first: all that are usable before all others, or the other way round;
 * among them the smaller. */
static bool leaves_first(const struct memory_range *one, const struct memory_range *other,
                         bool usable_first) {
    bool one_first = (one->type == MEMORY_USABLE) == usable_first;
    bool other_first = (other->type == MEMORY_USABLE) == usable_first;

    return one_first == other_first ? one->length < other->length : one_first;
}

/* Adds a range behind the others; in a full map the one that leaves first makes room. */
static void add(struct memory_range *map, uint32_t *count, uint32_t max,
                const struct memory_range *range, bool usable_first, struct map_loss *loss) {
    if (*count < max) {
        map[(*count)++] = *range;
        return;
    }
    const struct memory_range *least = range;
    for (uint32_t i = 0; i < max; i++)
        if (leaves_first(&map[i], least, usable_first)) least = &map[i];
    loss->ranges++;
    if (least->type == MEMORY_USABLE) loss->usable += least->length;
    if (least == range) return;
    for (uint32_t i = (uint32_t)(least - map); i + 1 < max; i++) map[i] = map[i + 1];
    map[max - 1] = *range;
}

/* Makes one range of two of the same type, if they overlap or touch. */
static bool merge(struct memory_range *one, const struct memory_range *other) {
    uint64_t base = one->base < other->base ? one->base : other->base;
    uint64_t end = range_end(one) > range_end(other) ? range_end(one) : range_end(other);

    if (one->type != other->type || other->base > range_end(one) || one->base > range_end(other))
        return false;
    one->base = base;
    one->length = end - base;
    return true;
}

void map_add_raw(struct memory_range *raw, uint32_t *count, uint32_t max,
                 const struct memory_range *range, struct map_loss *loss) {
    for (uint32_t i = 0; *count == max && i < max; i++)
        if (merge(&raw[i], range)) return;
    add(raw, count, max, range, true, loss);
}

uint32_t map_sanitise(struct memory_range *map, uint32_t max, const struct memory_range *raw,
                      uint32_t raw_count, uint32_t low_end, struct map_loss *loss) {
    const struct memory_range never_usable[] = {
        {0, PAGE_SIZE, MEMORY_RESERVED, 1},
        {low_end, HIGH_MEMORY_START - low_end, MEMORY_RESERVED, 1},
    };
    struct memory_range run = {0, 0, 0, 1}; /* what lies below `at` and is of one type */
    uint32_t count = 0;
    uint64_t at = 0;

    while (at != UINT64_MAX) {
        struct claim claim = {0, UINT64_MAX};
        for (uint32_t i = 0; i < 2; i++) consider(&claim, at, &never_usable[i]);
        for (uint32_t i = 0; i < raw_count; i++) consider(&claim, at, &raw[i]);
        if (claim.type != run.type) {
            if (run.type) add(map, &count, max, &run, false, loss);
            run = (struct memory_range){at, 0, claim.type, 1};
        }
        run.length += claim.until - at;
        at = claim.until;
    }
    if (run.type) add(map, &count, max, &run, false, loss);
    return count;
}
