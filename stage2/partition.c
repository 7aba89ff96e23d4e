/*
 * partition.c: the partition table of the MBR.
 */
#include "partition.h"

#include <ascent/layout.h>

#include "boot.h"
#include "disk.h"
#include "error.h"

#define ACTIVE 0x80

struct partition_entry {
    uint8_t status;
    uint8_t first_chs[3];
    uint8_t type;
    uint8_t last_chs[3];
    uint32_t lba;
    uint32_t sectors;
} __attribute__((packed));

uint32_t partition_sectors;

enum boot_error partition_find(void) {
    static uint8_t mbr[SECTOR_SIZE] __attribute__((aligned(16)));

    enum boot_error error = disk_read_twice(0, 1, mbr);
    if (error) return error;

    const struct partition_entry *table = (const void *)(mbr + MBR_TABLE_OFFSET);
    uint32_t active = 0;
    for (uint32_t i = 0; i < MBR_TABLE_ENTRIES; i++) {
        if (table[i].status != ACTIVE || !table[i].type) continue;
        active++;
        boot_info.boot_partition = i + 1;
        boot_info.partition_lba = table[i].lba;
        partition_sectors = table[i].sectors;
    }
    if (active > 1) return error_at(E_PARTITIONS_ACTIVE, "active", active);
    return active ? BOOT_OK : E_NO_PARTITION;
}
