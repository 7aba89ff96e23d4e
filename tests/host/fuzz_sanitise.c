/*
 * fuzz_sanitise.c: any bytes as a memory map; the result is sorted and has no overlaps.
 */
#include <stdlib.h>
#include <string.h>

#include "no_disk.h"
#include "sanitise.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct memory_range raw[MEMORY_MAP_MAX], map[MEMORY_MAP_MAX];
    struct map_loss loss = {0, 0};
    uint32_t count = 0;
    for (; size >= sizeof(raw[0]); size -= sizeof(raw[0]), data += sizeof(raw[0])) {
        struct memory_range range;
        memcpy(&range, data, sizeof(range));
        map_add_raw(raw, &count, MEMORY_MAP_MAX, &range, &loss);
    }

    uint32_t ranges = map_sanitise(map, MEMORY_MAP_MAX, raw, count, 0x9FC00, &loss);
    for (uint32_t i = 0; i < ranges; i++) {
        if (!map[i].length || map[i].base + map[i].length < map[i].base) abort();
        if (i && map[i - 1].base + map[i - 1].length > map[i].base) abort();
        if (map[i].type == MEMORY_USABLE && map[i].base < 0x1000) abort();
    }
    map_usable(map, ranges, 0x100000, 0x1000);
    map_find_room(map, ranges, 0x100000, 0x1000, UINT32_MAX);
    return 0;
}
