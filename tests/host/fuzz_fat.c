/*
 * fuzz_fat.c: any bytes as a file system: every path has an answer, no read leaves the partition,
 * and a file is the same whether it is read run by run or here and there.
 *
 * The first byte of the input chooses: changes to a good FAT12 or FAT32 volume, six bytes each (two
 * bytes where, four bytes what); or the rest is the volume, behind a boot sector that is nearly
 * right. So the fuzzer gets past the first checks.
 */
#include <stdlib.h>
#include <string.h>

#include "disk.h"
#include "fat.h"
#include "fat_volume.h"

#define PARTITION 100
#define BYTES_MAX 20000 /* of a file that are looked at */

static uint8_t volume[VOLUME_BYTES];  /* beyond it the disk repeats */
static uint8_t good_fat12[VOLUME_BYTES], good_fat32[VOLUME_BYTES];

static const uint8_t *disk_sector(uint32_t lba) {
    return volume + (lba - PARTITION) % (VOLUME_BYTES / SECTOR) * SECTOR;
}

enum boot_error disk_read_twice(uint32_t lba, uint32_t sectors, void *buffer) {
    if (lba < PARTITION || lba - PARTITION + sectors > SECTORS || !sectors) abort();
    for (uint32_t i = 0; i < sectors; i++)
        memcpy((uint8_t *)buffer + i * SECTOR, disk_sector(lba + i), SECTOR);
    return BOOT_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static void make_input(const uint8_t *data, size_t size) {
    uint8_t kind = size ? data[0] % 4 : 0;

    if (size) data++, size--;
    if (kind < 3) {
        memcpy(volume, kind == 0 ? good_fat12 : good_fat32, VOLUME_BYTES);
        for (; size >= 6; data += 6, size -= 6)
            memcpy(volume + (data[0] | data[1] << 8) % (VOLUME_BYTES - 4), data + 2, 4);
        return;
    }
    memset(volume, 0, VOLUME_BYTES);
    memcpy(volume, data, size < VOLUME_BYTES ? size : VOLUME_BYTES);
    volume[0] = 0xEB, volume[2] = 0x90, volume[11] = 0, volume[12] = 2;
    volume[510] = 0x55, volume[511] = 0xAA;
    if (!volume[13]) volume[13] = 1;
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    struct fat_file file;

    (void)argc, (void)argv;
    make_volume(good_fat12, 12);
    make_volume(good_fat32, 32);
    for (uint8_t kind = 0; kind < 2; kind++) { /* are they good? */
        make_input(&kind, 1);
        if (fat_mount(PARTITION, SECTORS) || fat_open("BOOT/BOOT.CFG", &file) || fat_open("A", &file)) abort();
    }
    return 0;
}

/* ---- what is done with it ------------------------------------------------------------------- */

/* By runs, as the loader does it. Returns how much of the file was there. */
static uint32_t read_runs(struct fat_file *file, uint8_t *bytes) {
    const struct fat_run *run = &file->run;
    uint32_t at = 0;

    for (;;) {
        if (file->position < at) abort(); /* a chain goes forward */
        at = file->position;
        if (fat_next_run(&fat_volume, file, 127) || !run->sectors) return at;
        if (run->lba < PARTITION || run->lba - PARTITION + run->sectors > SECTORS) abort();
        for (uint32_t i = 0; i < run->sectors && at + (i + 1) * SECTOR <= BYTES_MAX; i++)
            memcpy(bytes + at + i * SECTOR, disk_sector(run->lba + i), SECTOR);
    }
}

static void read_both_ways(struct fat_file *file) {
    static uint8_t runs[BYTES_MAX], part[100];
    uint32_t there = read_runs(file, runs);

    if (there > file->bytes) abort();
    if (there > BYTES_MAX - SECTOR) there = BYTES_MAX - SECTOR;
    for (uint32_t i = 0, at = there; i < 8 && there >= sizeof part; i++) {
        at = (at * 7919 + 13) % (there - (uint32_t)sizeof part + 1);
        if (!fat_read(file, at, part, sizeof part) && memcmp(part, runs + at, sizeof part)) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const paths[] = {"BOOT/BOOT.CFG", "A", "A/B", "BOOT"};
    struct fat_file file;

    make_input(data, size);
    if (fat_mount(PARTITION, SECTORS)) return 0;
    for (unsigned i = 0; i < sizeof paths / sizeof paths[0]; i++)
        if (!fat_open(paths[i], &file)) read_both_ways(&file);
    return 0;
}
