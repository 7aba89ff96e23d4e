/*
 * map.c: questions to the sanitised memory map.
 */
#include "map.h"

#include <ascent/layout.h>

bool map_usable(const struct memory_range *map, uint32_t count, uint64_t base, uint64_t bytes) {
    for (uint32_t i = 0; i < count; i++) {
        if (map[i].type == MEMORY_USABLE && base >= map[i].base && base < range_end(&map[i]))
            return bytes <= range_end(&map[i]) - base;
    }
    return bytes == 0;
}

uint32_t map_find_room(const struct memory_range *map, uint32_t count, uint32_t from,
                       uint32_t bytes, uint64_t limit) {
    for (uint32_t i = 0; i < count; i++) {
        if (map[i].type != MEMORY_USABLE) continue;
        uint64_t start = map[i].base > from ? map[i].base : from;
        start = (start + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
        uint64_t end = range_end(&map[i]) < limit ? range_end(&map[i]) : limit;
        if (start < end && end - start >= bytes) return (uint32_t)start;
    }
    return 0;
}
