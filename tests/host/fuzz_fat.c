/*
 * fuzz_fat.c: any bytes as a file system: every path has an answer, no read leaves the partition.
 */
#include <stdlib.h>
#include <string.h>

#include "disk.h"
#include "fat.h"

#define PARTITION 100
#define SECTORS 4000

static const uint8_t *content;
static size_t content_bytes;

enum boot_error disk_read(uint32_t lba, uint32_t sectors, void *buffer) {
    if (lba < PARTITION || lba - PARTITION + sectors > SECTORS || !sectors) abort();
    for (uint32_t i = 0; i < sectors * 512; i++) { /* beyond its end the content repeats */
        uint32_t at = (lba - PARTITION) * 512 + i;
        ((uint8_t *)buffer)[i] = content_bytes ? content[at % content_bytes] : 0;
    }
    return BOOT_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fat_file file;
    struct fat_run run = {0, 1};

    /* A boot sector that is nearly right, so that more than its checks is reached. */
    static const uint8_t start[] = {0xEB, 0x3C, 0x90};
    uint8_t *copy = malloc(size < 512 ? 512 : size);
    memset(copy, 0, 512);
    memcpy(copy, data, size);
    memcpy(copy, start, sizeof start);
    copy[11] = 0, copy[12] = 2;
    if (!copy[13]) copy[13] = 1;
    copy[510] = 0x55, copy[511] = 0xAA;
    content = copy;
    content_bytes = size < 512 ? 512 : size;

    if (!fat_mount(PARTITION, SECTORS)) {
        if (!fat_open("BOOT/BOOT.CFG", &file) || !fat_open("A", &file))
            while (!fat_next_run(&file, 127, &run) && run.sectors) {}
    }
    free(copy);
    return 0;
}
