/*
 * add.c: a disk is found: its partitions, and whether it is the one that we came from.
 */
#include <ascent/swap_header.h>
#include <block/block.h>
#include <block/partition.h>
#include <lib/errno.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <mm/kmap.h>

struct block_device *block_boot;

static void append(struct block_device *device) {
    struct block_device **end = &block_devices;

    while (*end) end = &(*end)->next;
    *end = device;
}

/* hda: hda2; but ram0: ram0p2. */
static void name_partition(struct block_device *partition, const char *disk, unsigned number) {
    char last = disk[strlen(disk) - 1];

    snprintf(partition->name, sizeof partition->name, "%.12s%s%u", disk,
             last >= '0' && last <= '9' ? "p" : "", number);
}

static void add_partition(struct block_device *disk, const struct partition *entry,
                          unsigned number) {
    struct block_device *partition = kzalloc(sizeof *partition, GFP_KERNEL);

    if (!partition) {
        pr_warn("%s: no memory for partition %u\n", disk->name, number);
        return;
    }
    name_partition(partition, disk->name, number);
    partition->number = disk->number + number;
    partition->sectors = entry->sectors;
    partition->driver = disk->driver;
    partition->disk = disk;
    partition->start = entry->first;
    partition->type = entry->type;
    partition->writable = entry->type == SWAP_PARTITION_TYPE;
    append(partition);
}

static void refuse(const struct block_device *disk, const struct partition *entry,
                   unsigned number) {
    pr_warn("%s: partition %u (type %02x, sectors %u to %llu) %s: not used\n", disk->name, number,
            entry->type, entry->first, (uint64_t)entry->first + entry->sectors - 1, entry->refused);
}

static void add_partitions(struct block_device *disk, const uint8_t *sector) {
    struct partition table[BLOCK_PARTITIONS];

    if (!partition_table_read(sector, disk->sectors, table)) return;
    for (unsigned i = 0; i < BLOCK_PARTITIONS; i++) {
        if (!table[i].type) continue;
        if (table[i].refused)
            refuse(disk, &table[i], i + 1);
        else
            add_partition(disk, &table[i], i + 1);
    }
}

/* 0, -EIO or -ENOMEM. */
static int read_first_sector(struct block_device *disk, uint8_t *sector) {
    struct page *page = alloc_pages(GFP_KERNEL, 0, OWNER_OTHER);

    if (!page) return -ENOMEM;
    int error = block_read(disk, 0, 1, &page, BLOCK_HLT);
    if (!error) {
        void *frame = kmap_atomic(page);
        memcpy(sector, frame, SECTOR_BYTES);
        kunmap_atomic(frame);
    }
    put_page(page);
    return error;
}

void block_add(struct block_device *disk) {
    uint8_t sector[SECTOR_BYTES];

    append(disk);
    if (read_first_sector(disk, sector))
        pr_warn("%s: its first sector cannot be read: no partitions\n", disk->name);
    else
        add_partitions(disk, sector);
}

void block_give_up(struct block_device *disk) {
    if (disk->dead) return;
    disk->dead = true;
    pr_err("%s does not answer: not used any more\n", disk->name);
}

/* ---- where we came from ---- */

void block_set_boot(struct block_device *disk) {
    block_boot = disk;
}

struct block_device *block_find_first_sector(const void *wanted, uint64_t sectors) {
    uint8_t sector[SECTOR_BYTES];

    for (struct block_device *disk = block_devices; disk; disk = disk->next) {
        if (disk->disk || disk->not_boot || (sectors && disk->sectors != sectors)) continue;
        if (read_first_sector(disk, sector)) continue;
        if (memcmp(sector, wanted, SECTOR_BYTES) == 0) return disk;
    }
    return 0;
}
