/*
 * test_fat.c: the FAT reader, on file systems that mkfs.fat and mtools made (make-fat-image).
 */
#include "cmocka_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk.h"
#include "fat.h"

#define SECTOR 512
#define PARTITION 63 /* the file system does not start at sector 0 of the disk */

static uint8_t *image;
static uint32_t image_sectors;

enum boot_error disk_read_twice(uint32_t lba, uint32_t sectors, void *buffer) {
    if (lba < PARTITION || lba - PARTITION + sectors > image_sectors) return E_DISK_READ;
    memcpy(buffer, image + (lba - PARTITION) * SECTOR, sectors * SECTOR);
    return BOOT_OK;
}

static int load(void **state) {
    FILE *file = fopen(*state, "rb");
    if (!file) return -1;
    fseek(file, 0, SEEK_END);
    image_sectors = (uint32_t)ftell(file) / SECTOR;
    rewind(file);
    image = malloc(image_sectors * SECTOR);
    size_t got = fread(image, SECTOR, image_sectors, file);
    fclose(file);
    return got == image_sectors && fat_mount(PARTITION, image_sectors) == BOOT_OK ? 0 : -1;
}

static int unload(void **state) {
    (void)state;
    free(image);
    return 0;
}

static void small_files(void **state) {
    (void)state;
    struct fat_file file;
    char text[6];
    assert_int_equal(fat_open("hello.txt", &file), BOOT_OK);
    assert_int_equal(file.bytes, 6);
    assert_int_equal(fat_read(&file, 0, text, 6), BOOT_OK);
    assert_memory_equal(text, "hello\n", 6);
    assert_int_equal(fat_read(&file, 2, text, 3), BOOT_OK);
    assert_memory_equal(text, "llo", 3);
    assert_int_equal(fat_open("/Dir/sub/DEEP.txt", &file), BOOT_OK);
    assert_int_equal(fat_read(&file, 0, text, 5), BOOT_OK);
    assert_memory_equal(text, "deep\n", 5);
}

static void empty_file(void **state) {
    (void)state;
    struct fat_file file;
    struct fat_run run;
    assert_int_equal(fat_open("EMPTY", &file), BOOT_OK);
    assert_int_equal(fat_next_run(&file, 100, &run), BOOT_OK);
    assert_int_equal(run.sectors, 0);
}

static void names_that_are_not_there(void **state) {
    (void)state;
    struct fat_file file;
    assert_int_equal(fat_open("NOTHING", &file), E_FILE_NOT_FOUND);
    assert_int_equal(fat_open("DIR/NOTHING", &file), E_FILE_NOT_FOUND);
    assert_int_equal(fat_open("DIR", &file), E_NOT_A_FILE);
    assert_int_equal(fat_open("", &file), E_NOT_A_FILE);
    assert_int_equal(fat_open("HELLO.TXT/X", &file), E_NOT_A_DIRECTORY);
    assert_int_equal(fat_open("MUCHTOOLONG.TXT", &file), E_FILE_NOT_FOUND);
    assert_int_equal(fat_open("A.B.C", &file), E_FILE_NOT_FOUND);
    assert_int_equal(fat_open("DIR//SUB", &file), E_FILE_NOT_FOUND);
    assert_int_equal(fat_open("ALONGN~1.TEX/", &file), E_FILE_NOT_FOUND);
}

/* Reads BIG.BIN by runs of at most `max` sectors, and looks at every byte. */
static void read_big(uint32_t max) {
    struct fat_file file;
    struct fat_run run;
    uint32_t at = 0, runs = 0;
    assert_int_equal(fat_open("BIG.BIN", &file), BOOT_OK);
    assert_int_equal(file.bytes, 100000);
    for (;; runs++) {
        assert_int_equal(fat_next_run(&file, max, &run), BOOT_OK);
        if (!run.sectors) break;
        const uint8_t *data = image + (run.lba - PARTITION) * SECTOR;
        for (uint32_t i = 0; i < run.sectors * SECTOR && at < file.bytes; i++, at++)
            assert_int_equal(data[i], at % 251);
    }
    assert_int_equal(at, file.bytes);
    assert_true(runs > 50); /* it is in pieces */
}

static void fragmented_file(void **state) {
    (void)state;
    read_big(1);
    read_big(127);
    read_big(1u << 20);
}

static void random_access(void **state) {
    (void)state;
    struct fat_file file;
    uint8_t buffer[3000];
    assert_int_equal(fat_open("BIG.BIN", &file), BOOT_OK);
    srand(2);
    for (int i = 0; i < 200; i++) {
        uint32_t bytes = (uint32_t)rand() % sizeof(buffer);
        uint32_t offset = (uint32_t)rand() % (file.bytes - bytes);
        assert_int_equal(fat_read(&file, offset, buffer, bytes), BOOT_OK);
        for (uint32_t j = 0; j < bytes; j++) assert_int_equal(buffer[j], (offset + j) % 251);
    }
}

/* Whatever bytes of the boot sector or the FAT are changed: an answer, in a bounded time. */
static void damage(void **state) {
    (void)state;
    srand(3);
    for (int round = 0; round < 300; round++) {
        uint32_t at[8];
        uint8_t old[8];
        for (int i = 0; i < 8; i++) {
            at[i] = (uint32_t)rand() % (round % 2 ? 64 : 40 * SECTOR);
            old[i] = image[at[i]];
            image[at[i]] = (uint8_t)rand();
        }
        struct fat_file file;
        struct fat_run run = {0, 1};
        if (!fat_mount(PARTITION, image_sectors) && !fat_open("BIG.BIN", &file))
            while (!fat_next_run(&file, 64, &run) && run.sectors) {}
        for (int i = 7; i >= 0; i--) image[at[i]] = old[i];
    }
    assert_int_equal(fat_mount(PARTITION, image_sectors), BOOT_OK);
}

#define ON(image_name, test) \
    {#test " on " image_name, test, load, unload, (void *)image_name}
#define ALL(image_name)                                                            \
    ON(image_name, small_files), ON(image_name, empty_file),                       \
        ON(image_name, names_that_are_not_there), ON(image_name, fragmented_file), \
        ON(image_name, random_access), ON(image_name, damage)

int main(void) {
    const struct CMUnitTest tests[] = {ALL("fat12.img"), ALL("fat16.img"), ALL("fat32.img")};
    return cmocka_run_group_tests_name("fat", tests, 0, 0);
}
