/*
 * fuzz_fat.c: any bytes as a file system: every path has an answer, no read leaves the partition,
 * and a file is the same whether it is read run by run or here and there.
 */
#include <stdlib.h>
#include <string.h>

#include "disk.h"
#include "fat.h"

#define PARTITION 100
#define SECTORS 4000
#define SECTOR 512
#define BYTES_MAX 20000 /* of a file that are looked at */

static const uint8_t *content;
static size_t content_bytes;

/* Beyond its end the content repeats. */
static uint8_t disk_byte(uint32_t lba, uint32_t offset) {
    return content[((lba - PARTITION) * SECTOR + offset) % content_bytes];
}

enum boot_error disk_read_twice(uint32_t lba, uint32_t sectors, void *buffer) {
    if (lba < PARTITION || lba - PARTITION + sectors > SECTORS || !sectors) abort();
    for (uint32_t i = 0; i < sectors * SECTOR; i++) ((uint8_t *)buffer)[i] = disk_byte(lba, i);
    return BOOT_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* By runs, as the loader does it. Returns how much of the file was there. */
static uint32_t read_runs(struct fat_file *file, uint8_t *bytes) {
    struct fat_run run;
    uint32_t at = 0;

    for (;;) {
        if (file->position < at) abort(); /* a chain goes forward */
        at = file->position;
        if (fat_next_run(file, 127, &run) || !run.sectors) return at;
        if (run.lba < PARTITION || run.lba - PARTITION + run.sectors > SECTORS) abort();
        for (uint32_t i = 0; i < run.sectors * SECTOR && at + i < BYTES_MAX; i++)
            bytes[at + i] = disk_byte(run.lba, i);
    }
}

static void read_both_ways(struct fat_file *file) {
    static uint8_t runs[BYTES_MAX], part[100];
    uint32_t there = read_runs(file, runs);

    if (there > file->bytes) abort();
    if (there > BYTES_MAX) there = BYTES_MAX;
    for (uint32_t i = 0, at = there; i < 8 && there >= sizeof part; i++) {
        at = (at * 7919 + 13) % (there - (uint32_t)sizeof part + 1);
        if (!fat_read(file, at, part, sizeof part) && memcmp(part, runs + at, sizeof part)) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const paths[] = {"BOOT/BOOT.CFG", "A", "A/B"};
    struct fat_file file;

    /* A boot sector that is nearly right, so that more than its checks is reached. */
    static const uint8_t start[] = {0xEB, 0x3C, 0x90};
    uint8_t *copy = malloc(size < SECTOR ? SECTOR : size);
    memset(copy, 0, SECTOR);
    memcpy(copy, data, size);
    memcpy(copy, start, sizeof start);
    copy[11] = 0, copy[12] = 2;
    if (!copy[13]) copy[13] = 1;
    copy[510] = 0x55, copy[511] = 0xAA;
    content = copy;
    content_bytes = size < SECTOR ? SECTOR : size;

    if (!fat_mount(PARTITION, SECTORS))
        for (unsigned i = 0; i < sizeof paths / sizeof paths[0]; i++)
            if (!fat_open(paths[i], &file)) read_both_ways(&file);
    free(copy);
    return 0;
}
