/*
 * passing.c: a file passes by. Real mode. Contracts in passing.h.
 *
 * The disk gives runs of sectors, the BIOS up to 127 of them a call into the bounce buffer below 1
 * MB; from there 32-bit code (pm/deliver.c) takes each byte to its place.
 */
#include "passing.h"

#include <ascent/layout.h>

#include "disk.h"
#include "elf.h"
#include "pm.h"

#define RUN_SECTORS \
    (16 * BOUNCE_SECTORS) /* whole transfers, where clusters have 16 sectors or less */
/* The head; the segments; ELF header, program headers, two section headers; symbols and strings. */
#define MAX_EXTENTS (1 + ELF_MAX_SEGMENTS + 4 + 2)

static struct extent extents[MAX_EXTENTS];
static uint32_t extent_count;
static uint32_t from_memory; /* where the file lies there; 0: it is on the disk */

void pass_start(void) {
    extent_count = 0;
}

void pass_want(enum extent_action action, uint32_t offset, uint32_t bytes, uint32_t phys) {
    extents[extent_count++] = (struct extent){offset, bytes, phys, action};
}

void pass_from(uint32_t phys) {
    from_memory = phys;
}

enum boot_error pass_read(struct fat_file *file, uint32_t offset, void *buffer, uint32_t bytes) {
    struct copy_request request = {(uint32_t)buffer, from_memory + offset, bytes};

    if (!from_memory) return fat_read(file, offset, buffer, bytes);
    pm_call(pm_copy, &request);
    return BOOT_OK;
}

enum boot_error pass_read_judged(struct fat_file *file, uint32_t offset, void *buffer,
                                 uint32_t bytes) {
    pass_want(EXTENT_COMPARE, offset, bytes, (uint32_t)buffer);
    return pass_read(file, offset, buffer, bytes);
}

/* How many sectors of the file, from `first` on, hold a byte that an extent wants. */
static uint32_t wanted_sectors(uint32_t first) {
    uint32_t end = first;
    bool longer;

    do {
        longer = false;
        for (uint32_t i = 0; i < extent_count; i++) {
            const struct extent *extent = &extents[i];
            if (!extent->bytes || extent->offset / SECTOR_SIZE > end) continue;
            uint32_t extent_end = (extent->offset + extent->bytes - 1) / SECTOR_SIZE + 1;
            if (extent_end > end) {
                end = extent_end;
                longer = true;
            }
        }
    } while (longer);
    return end - first;
}

/*
 * How many of `sectors` from `delivery->offset` on are read with one call: all of them where there
 * is a checksum, else no more than are wanted. Others may as well be bad.
 */
static uint32_t sectors_to_read(const struct delivery *delivery, uint32_t sectors) {
    uint32_t wanted = delivery->want_crc ? sectors : wanted_sectors(delivery->offset / SECTOR_SIZE);

    if (sectors > BOUNCE_SECTORS) sectors = BOUNCE_SECTORS;
    return sectors < wanted ? sectors : wanted;
}

/* Reads the run of the file that was found last, up to byte `end`, and delivers it. */
static enum boot_error pass_run(const struct fat_file *file, uint32_t end,
                                struct delivery *delivery) {
    struct fat_run run = file->run;

    delivery->offset = file->run_position;
    while (run.sectors && delivery->offset < end) {
        uint32_t left = file->bytes - delivery->offset;
        uint32_t in_file = (left - 1) / SECTOR_SIZE + 1; /* the cluster may be longer */
        if (run.sectors > in_file) run.sectors = in_file;
        uint32_t sectors = sectors_to_read(delivery, run.sectors);
        if (sectors) {
            enum boot_error error = disk_read_bounce(run.lba, sectors);
            if (error) return error;
            delivery->bytes = sectors * SECTOR_SIZE < left ? sectors * SECTOR_SIZE : left;
            pm_call(pm_deliver, delivery);
        } else {
            sectors = 1; /* nobody wants this one */
        }
        run.lba += sectors;
        run.sectors -= sectors;
        if (left <= sectors * SECTOR_SIZE) break;
        delivery->offset += sectors * SECTOR_SIZE;
    }
    return BOOT_OK;
}

/* A file that is in memory passes by at once. Its checksum is that of what was on the disk. */
static enum boot_error deliver_at_once(uint32_t end) {
    struct delivery delivery = {
        .source = from_memory,
        .bytes = end,
        .extents = extents,
        .extent_count = extent_count,
    };

    pm_call(pm_deliver, &delivery);
    return delivery.differs ? E_DISK_UNSTABLE : BOOT_OK;
}

enum boot_error pass_by(struct fat_file *file, uint32_t end, bool want_crc, uint32_t *crc) {
    struct delivery delivery = {
        .source = BOUNCE_ADDR,
        .extents = extents,
        .extent_count = extent_count,
        .want_crc = want_crc,
    };

    if (from_memory) return deliver_at_once(end);
    fat_rewind(file);
    do { /* at the end of the file, as far as its chain ends there too */
        enum boot_error error = fat_next_run(&fat_volume, file, RUN_SECTORS);
        if (!error) error = pass_run(file, end, &delivery);
        if (error) return error;
    } while (file->run.sectors && (end == file->bytes || file->position < end));
    *crc = delivery.crc;
    return delivery.differs ? E_DISK_UNSTABLE : BOOT_OK;
}

void pass_zero(uint32_t phys, uint32_t bytes) {
    struct zero_request request = {phys, bytes};

    pm_call(pm_zero, &request);
}
