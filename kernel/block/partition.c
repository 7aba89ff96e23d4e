/*
 * partition.c: the partition table of the MBR, not trusted.
 */
#include <block/partition.h>
#include <lib/string.h>

#define TABLE 0x1BE
#define ENTRY_BYTES 16
#define SIGNATURE 0x1FE
#define STATUS_ACTIVE 0x80

static uint32_t word32(const uint8_t *bytes) {
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* A boot sector without a table (a floppy's, a FAT's) has the signature too, but code where each
 * entry has its status. */
static bool is_table(const uint8_t *sector) {
    if (sector[SIGNATURE] != 0x55 || sector[SIGNATURE + 1] != 0xAA) return false;
    for (unsigned i = 0; i < BLOCK_PARTITIONS; i++)
        if (sector[TABLE + i * ENTRY_BYTES] & ~STATUS_ACTIVE) return false;
    return true;
}

static uint64_t end_of(const struct partition *entry) {
    return (uint64_t)entry->first + entry->sectors;
}

static bool share_sectors(const struct partition *a, const struct partition *b) {
    return a->type && b->type && a->first < end_of(b) && b->first < end_of(a);
}

static const char *why_refused(const struct partition *table, unsigned index,
                               uint64_t disk_sectors) {
    const struct partition *entry = &table[index];

    if (entry->sectors == 0) return "has no sectors";
    if (entry->first == 0) return "begins with the partition table itself";
    if (end_of(entry) > disk_sectors) return "ends beyond the disk";
    for (unsigned i = 0; i < BLOCK_PARTITIONS; i++)
        if (i != index && share_sectors(entry, &table[i])) return "overlaps another";
    return 0;
}

bool partition_table_read(const uint8_t *sector, uint64_t disk_sectors,
                          struct partition table[BLOCK_PARTITIONS]) {
    memset(table, 0, BLOCK_PARTITIONS * sizeof *table);
    if (!is_table(sector)) return false;
    for (unsigned i = 0; i < BLOCK_PARTITIONS; i++) {
        const uint8_t *entry = sector + TABLE + i * ENTRY_BYTES;
        table[i] = (struct partition){
            .type = entry[4], .first = word32(entry + 8), .sectors = word32(entry + 12)};
    }
    for (unsigned i = 0; i < BLOCK_PARTITIONS; i++)
        if (table[i].type) table[i].refused = why_refused(table, i, disk_sectors);
    return true;
}
