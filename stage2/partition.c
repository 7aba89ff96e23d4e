/*
 * partition.c: the partition table of the MBR.
 */
#include "partition.h"

#include <ascent/layout.h>

#include "boot.h"
#include "disk.h"
#include "error.h"
#include "pm.h"

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

/*
 * Makes sure of the table that the BIOS has read together with stage 1: another reading must agree,
 * else there are two more. The rest of the sector the BIOS may have changed (mbr.asm).
 */
static enum boot_error confirm_table(void) {
    struct compare_request request = {(uint32_t)stage1_sector + MBR_TABLE_OFFSET,
                                      BOUNCE_ADDR + MBR_TABLE_OFFSET,
                                      SECTOR_SIZE - MBR_TABLE_OFFSET, 0};

    enum boot_error error = disk_read_bounce(0, 1);
    if (error) return error;
    pm_switch(pm_compare, &request);
    return request.same ? BOOT_OK : disk_read_twice(0, 1, stage1_sector);
}

enum boot_error partition_find(void) {
    enum boot_error error = confirm_table();
    if (error) return error;

    const struct partition_entry *table = (const void *)(stage1_sector + MBR_TABLE_OFFSET);
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
