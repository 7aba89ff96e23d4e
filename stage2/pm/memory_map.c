/*
 * memory_map.c: the maps of boot_info, from what memory.c has asked the BIOS. Contracts in pm.h.
 *
 * 32-bit code, called through pm_call(), because there is little room for real-mode code.
 */
#include "boot.h"
#include "pm.h"
#include "sanitise.h"

void pm_map_add(void *argument) {
    struct map_request *request = argument;

    map_add_raw(raw_memory_map, &boot_info.raw_map_count, MEMORY_MAP_MAX, &request->range,
                &request->loss);
}

void pm_map_sanitise(void *argument) {
    struct map_request *request = argument;

    boot_info.map_count = map_sanitise(memory_map, MEMORY_MAP_MAX, raw_memory_map,
                                       boot_info.raw_map_count, request->low_end, &request->loss);
}
