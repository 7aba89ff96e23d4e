/*
 * room.c: usable memory behind the kernel. The loader only ever takes; the kernel gives back.
 */
#include "room.h"

#include "boot.h"
#include "map.h"

static uint32_t taken_end;

void room_start(uint32_t end) {
    taken_end = end;
}

uint32_t room_take(uint32_t bytes, uint64_t limit) {
    uint32_t phys = map_find_room(memory_map, boot_info.map_count, taken_end, bytes, limit);

    if (phys) taken_end = phys + bytes;
    return phys;
}

uint32_t room_end(void) {
    return taken_end;
}
