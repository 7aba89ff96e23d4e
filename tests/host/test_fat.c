/*
 * test_fat.c: the FAT reader, on file systems that mkfs.fat and mtools made (make-fat-image).
 */
#include "cmocka_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "disk.h"
#include "fat.h"

#define SECTOR 512
#define PARTITION 63 /* the file system does not start at sector 0 of the disk */

static uint8_t *image;
static uint32_t image_sectors;

static uint32_t bad_from, bad_to; /* sectors of the partition that cannot be read */
static uint32_t reads;

enum boot_error disk_read_twice(uint32_t lba, uint32_t sectors, void *buffer) {
    reads++;
    if (lba - PARTITION < bad_to && lba - PARTITION + sectors > bad_from) return E_DISK_READ;
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
    assert_int_equal(fat_open("EMPTY", &file), BOOT_OK);
    assert_int_equal(fat_next_run(&fat_volume, &file, 100), BOOT_OK);
    assert_int_equal(file.run.sectors, 0);
}

/* "." and ".." are entries of each directory but the root (FAT specification, "Directory Creation"). */
static void up_and_down(void **state) {
    (void)state;
    struct fat_file file;
    assert_int_equal(fat_open("DIR/../HELLO.TXT", &file), BOOT_OK);
    assert_int_equal(file.bytes, 6);
    assert_int_equal(fat_open("DIR/SUB/../../DIR/./SUB/DEEP.TXT", &file), BOOT_OK);
    assert_int_equal(file.bytes, 5);
    assert_int_equal(fat_open("DIR/SUB/../DEEP.TXT", &file), E_FILE_NOT_FOUND);
    assert_int_equal(fat_open("DIR/SUB/.../DEEP.TXT", &file), E_FILE_NOT_FOUND);
    assert_int_equal(fat_open("../HELLO.TXT", &file), E_FILE_NOT_FOUND);
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
    uint32_t at = 0, runs = 0;
    assert_int_equal(fat_open("BIG.BIN", &file), BOOT_OK);
    assert_int_equal(file.bytes, 100000);
    for (;; runs++) {
        assert_int_equal(fat_next_run(&fat_volume, &file, max), BOOT_OK);
        if (!file.run.sectors) break;
        const uint8_t *data = image + (file.run.lba - PARTITION) * SECTOR;
        for (uint32_t i = 0; i < file.run.sectors * SECTOR && at < file.bytes; i++, at++)
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
        if (!fat_mount(PARTITION, image_sectors) && !fat_open("BIG.BIN", &file))
            while (!fat_next_run(&fat_volume, &file, 64) && file.run.sectors) {}
        for (int i = 7; i >= 0; i--) image[at[i]] = old[i];
    }
    assert_int_equal(fat_mount(PARTITION, image_sectors), BOOT_OK);
}

static uint16_t word(uint32_t offset) {
    return (uint16_t)(image[offset] | image[offset + 1] << 8);
}

static uint32_t fat_sectors(void) {
    return word(22) ? word(22) : word(36) + ((uint32_t)word(38) << 16);
}

/* The first FAT cannot be read: the second one serves. Neither can be: an error. */
static void second_fat(void **state) {
    bad_from = word(14);
    bad_to = bad_from + fat_sectors();
    fat_forget();
    boot_info.workarounds = 0;
    read_big(127);
    assert_true(boot_info.workarounds >> WORKAROUND_FAT_COPY & 1);
    struct fat_file file;
    bad_to += fat_sectors();
    fat_forget();
    enum boot_error error = fat_open("BIG.BIN", &file);
    if (!error) do error = fat_next_run(&fat_volume, &file, 127); while (!error && file.run.sectors);
    assert_int_equal(error, E_DISK_READ);
    bad_from = bad_to = 0;
    fat_forget();
    small_files(state);
}

/* Only the sectors that hold what is asked for have to be readable. */
static void bad_sectors_that_nobody_needs(void **state) {
    struct fat_file file;
    uint8_t byte;

    (void)state;
    assert_int_equal(fat_open("BIG.BIN", &file), BOOT_OK);
    assert_int_equal(fat_next_run(&fat_volume, &file, 1), BOOT_OK);
    bad_from = file.run.lba - PARTITION + 1;
    bad_to = bad_from + 3;
    fat_forget();
    assert_int_equal(fat_read(&file, 0, &byte, 1), BOOT_OK);
    assert_int_equal(byte, 0);
    bad_from = word(14) + 1; /* all of the FAT but for its first sector, where DIR is */
    bad_to = bad_from + fat_sectors() - 1;
    fat_forget();
    assert_int_equal(fat_open("HELLO.TXT", &file), BOOT_OK);
    assert_int_equal(fat_next_run(&fat_volume, &file, 1), BOOT_OK);
    bad_from = bad_to = 0;
    fat_forget();
}

/* Small pieces, one behind the other: the chain is walked once, some sectors are read at once. */
static void reading_on_is_quick(void **state) {
    struct fat_file file;
    uint8_t piece[40];

    (void)state;
    assert_int_equal(fat_open("BIG.BIN", &file), BOOT_OK);
    reads = 0;
    for (uint32_t at = 0; at + sizeof piece <= file.bytes; at += sizeof piece)
        assert_int_equal(fat_read(&file, at, piece, sizeof piece), BOOT_OK);
    assert_true(reads < 2 * file.bytes / SECTOR); /* 2500 pieces, 196 sectors, and the FAT */
}

/* A partition may end where 32-bit sector numbers do, not behind. */
static void end_of_the_disk(void **state) {
    (void)state;
    assert_int_equal(fat_mount(0u - image_sectors, image_sectors), E_DISK_READ); /* looks there */
    assert_int_equal(fat_mount(PARTITION, 0u - PARTITION), BOOT_OK);
    assert_int_equal(fat_mount(PARTITION, 0u - PARTITION + 1), E_FAT_BPB);
    assert_int_equal(fat_mount(PARTITION, image_sectors), BOOT_OK);
}

/* FAT32, BPB_ExtFlags: only the second FAT is kept up to date, and the first is nonsense. */
static void active_fat(void **state) {
    (void)state;
    uint8_t *fat = image + word(14) * SECTOR;
    memset(fat, 0, fat_sectors() * SECTOR);
    image[40] = 0x81;
    assert_int_equal(fat_mount(PARTITION, image_sectors), BOOT_OK);
    read_big(127);
    image[40] = 0x82; /* there is no third one */
    assert_int_equal(fat_mount(PARTITION, image_sectors), E_FAT_BPB);
}

/*
 * 65524 clusters and less are FAT16, says the specification; mkfs.fat -F 32 makes them FAT32, and
 * Linux goes by the size of the FAT. mtools cannot write to such a volume, so it is cut down here.
 */
static void small_fat32(void **state) {
    const uint32_t total = 20000;
    memcpy(image + 32, &total, sizeof total);
    assert_int_equal(fat_mount(PARTITION, total), BOOT_OK);
    small_files(state);
    fragmented_file(state);
    names_that_are_not_there(state);
    up_and_down(state);
}

#define ON(image_name, test) \
    {#test " on " image_name, test, load, unload, (void *)image_name}
#define ALL(image_name)                                                            \
    ON(image_name, small_files), ON(image_name, empty_file),                       \
        ON(image_name, names_that_are_not_there), ON(image_name, up_and_down),     \
        ON(image_name, fragmented_file), ON(image_name, random_access), ON(image_name, damage), \
        ON(image_name, second_fat), ON(image_name, bad_sectors_that_nobody_needs), \
        ON(image_name, reading_on_is_quick), ON(image_name, end_of_the_disk)

int main(void) {
    const struct CMUnitTest tests[] = {
        ALL("fat12.img"), ALL("fat16.img"), ALL("fat32.img"),
        ON("fat32.img", active_fat), ON("fat32.img", small_fat32),
    };
    return cmocka_run_group_tests_name("fat", tests, 0, 0);
}
