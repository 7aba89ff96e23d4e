/*
 * test_block.c: block devices over a disk in memory that notes each request: what reaches a driver,
 * what is refused before; partition tables that cannot be right.
 */
#include "cmocka_test.h"

#include <ascent/swap_header.h>
#include <block/partition.h>
#include <lib/errno.h>
#include <mm/kmalloc.h>
#include <mm/kmap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DISK_SECTORS 1000u
#define MAX_SECTORS 16u
#define REQUESTS_MAX 16

/* ---- memory, a clock, the log ---- */

struct frame {
    struct page page;
    uint8_t bytes[PAGE_SIZE];
};

static unsigned in_use, allocations_until_failure; /* the nth from now on fails; 0: none */
static char log_text[4096];

static void *allocate(size_t size) {
    if (allocations_until_failure && --allocations_until_failure == 0) return NULL;
    in_use++;
    return calloc(1, size);
}

static void give_back(const void *memory) {
    in_use--;
    free((void *)memory);
}

void *kzalloc(size_t size, gfp_t gfp) {
    (void)gfp;
    return allocate(size);
}

struct page *alloc_pages(gfp_t gfp, unsigned order, enum page_owner owner) {
    (void)gfp, (void)order, (void)owner;
    return allocate(sizeof(struct frame));
}

void put_page(struct page *page) {
    give_back(page);
}

void *kmap_atomic(struct page *page) {
    return ((struct frame *)page)->bytes;
}

void kunmap_atomic(void *address) {
    (void)address;
}

uint64_t clock_monotonic(void) {
    static uint64_t now;
    return ++now;
}

int printk(const char *format, ...) {
    size_t used = strlen(log_text);
    va_list args;
    va_start(args, format);
    int length = vsnprintf(log_text + used, sizeof log_text - used, format, args);
    va_end(args);
    return length;
}

/* ---- the disk ---- */

static uint8_t medium[DISK_SECTORS * SECTOR_BYTES];
static struct request {
    bool write;
    uint64_t sector;
    uint32_t sectors;
} requests[REQUESTS_MAX];
static unsigned request_count, flushes;
static int next_error;
static void (*meanwhile)(void); /* what other tasks do while it works */

static int disk_transfer(struct block_device *disk, bool write, uint64_t sector, uint32_t sectors,
                         struct page *const *pages, enum block_wait wait) {
    (void)disk, (void)wait;
    assert_true(sectors && sectors <= MAX_SECTORS && sector + sectors <= DISK_SECTORS);
    assert_true(request_count < REQUESTS_MAX);
    requests[request_count++] = (struct request){write, sector, sectors};
    if (meanwhile) meanwhile();
    if (next_error) return next_error;
    for (uint32_t i = 0; i < sectors; i++) {
        uint8_t *bytes = (uint8_t *)kmap_atomic(pages[i / 8]) + i % 8 * SECTOR_BYTES;
        uint8_t *there = medium + (sector + i) * SECTOR_BYTES;
        memcpy(write ? there : bytes, write ? bytes : there, SECTOR_BYTES);
    }
    return 0;
}

static int disk_flush(struct block_device *disk, enum block_wait wait) {
    (void)disk, (void)wait;
    flushes++;
    return next_error;
}

static const struct block_driver driver = {disk_transfer, disk_flush, MAX_SECTORS};
static struct block_device disk;

static void put32(uint8_t *to, uint32_t value) {
    for (unsigned i = 0; i < 4; i++) to[i] = (uint8_t)(value >> 8 * i);
}

static void set_entry(unsigned number, uint8_t type, uint32_t first, uint32_t sectors) {
    uint8_t *entry = medium + 0x1BE + (number - 1) * 16;
    entry[0] = number == 1 ? 0x80 : 0;
    entry[4] = type;
    put32(entry + 8, first);
    put32(entry + 12, sectors);
}

static int forget_all(void **state) {
    (void)state;
    while (block_devices) {
        struct block_device *device = block_devices;
        block_devices = device->next;
        if (device->disk) give_back(device);
    }
    return 0;
}

static int fresh(void **state) {
    forget_all(state);
    for (uint32_t i = 0; i < sizeof medium; i++) medium[i] = (uint8_t)(i / SECTOR_BYTES * 7 + i);
    memset(medium, 0, SECTOR_BYTES);
    medium[0x1FE] = 0x55;
    medium[0x1FF] = 0xAA;
    disk = (struct block_device){
        .name = "hda", .number = 0x300, .sectors = DISK_SECTORS, .driver = &driver};
    request_count = flushes = 0;
    next_error = 0;
    log_text[0] = 0;
    return 0;
}

static struct block_device *add_two(void) {
    set_entry(1, 0x06, 10, 90);
    set_entry(2, SWAP_PARTITION_TYPE, 100, 200);
    block_add(&disk);
    request_count = 0;
    return block_find("hda2");
}

/* ---- requests ---- */

static struct page *pages[8];

static void take_pages(void) {
    for (unsigned i = 0; i < 8; i++) pages[i] = alloc_pages(0, 0, OWNER_OTHER);
}

static void give_pages(void) {
    for (unsigned i = 0; i < 8; i++) put_page(pages[i]);
}

static int claimed_meanwhile;

static void claim(void) {
    claimed_meanwhile = block_claim(block_find("hda2"));
}

/* A write to /dev/hda2 waits for the disk, and swapon() comes: it must not get pages that are about to be
 * overwritten. */
static void a_device_is_not_claimed_while_somebody_writes(void **state) {
    (void)state;
    struct block_device *swap = add_two();

    take_pages();
    meanwhile = claim;
    assert_int_equal(block_write(swap, 8, 8, pages, BLOCK_SLEEP), 0);
    meanwhile = NULL;
    assert_int_equal(claimed_meanwhile, -EBUSY);
    assert_false(swap->claimed);
    assert_int_equal(block_claim(swap), 0);
    assert_int_equal(block_claim(swap), -EBUSY);
    block_release(swap);
    give_pages();
}

static void a_request_is_split_at_pages(void **state) {
    (void)state;
    struct block_device *swap = add_two();

    take_pages();
    assert_int_equal(block_read(swap, 3, 35, pages, BLOCK_HLT), 0);
    assert_int_equal(request_count, 3);
    assert_int_equal(requests[0].sector, 103);
    assert_int_equal(requests[0].sectors, 16);
    assert_int_equal(requests[2].sector, 135);
    assert_int_equal(requests[2].sectors, 3);
    for (unsigned i = 0; i < 35; i++)
        assert_memory_equal((uint8_t *)kmap_atomic(pages[i / 8]) + i % 8 * SECTOR_BYTES,
                            medium + (103 + i) * SECTOR_BYTES, SECTOR_BYTES);
    give_pages();
    assert_int_equal(swap->counters.reads, 3);
    assert_int_equal(swap->counters.sectors_read, 35);
    assert_int_equal(disk.counters.sectors_read, 36); /* and the table */
}

static void nothing_outside_reaches_the_driver(void **state) {
    (void)state;
    struct block_device *swap = add_two();

    take_pages();
    assert_int_equal(block_read(swap, 200, 1, pages, BLOCK_HLT), -ENXIO);
    assert_int_equal(block_read(swap, 199, 2, pages, BLOCK_HLT), -ENXIO);
    assert_int_equal(block_write(swap, UINT64_MAX, 2, pages, BLOCK_HLT), -ENXIO);
    assert_int_equal(block_write(swap, 1, UINT32_MAX, pages, BLOCK_HLT), -ENXIO);
    assert_int_equal(block_read(&disk, DISK_SECTORS, 1, pages, BLOCK_HLT), -ENXIO);
    assert_int_equal(request_count, 0);
    assert_int_equal(block_read(swap, 200, 0, pages, BLOCK_HLT), 0);
    assert_int_equal(block_write(swap, 199, 1, pages, BLOCK_HLT), 0);
    assert_int_equal(requests[0].sector, 299);
    give_pages();
}

static void only_swap_is_written(void **state) {
    (void)state;
    struct block_device *swap = add_two(), *fat = block_find("hda1");

    take_pages();
    assert_int_equal(block_write(fat, 0, 1, pages, BLOCK_HLT), -EPERM);
    assert_int_equal(block_write(&disk, 100, 1, pages, BLOCK_HLT), -EPERM);
    assert_int_equal(request_count, 0);
    assert_int_equal(block_write(swap, 0, 8, pages, BLOCK_HLT), 0);
    assert_memory_equal(medium + 100 * SECTOR_BYTES, kmap_atomic(pages[0]), PAGE_SIZE);
    give_pages();
}

static void an_error_ends_the_request(void **state) {
    (void)state;
    struct block_device *swap = add_two();

    take_pages();
    next_error = -EIO;
    assert_int_equal(block_read(swap, 0, 40, pages, BLOCK_HLT), -EIO);
    assert_int_equal(request_count, 1);
    assert_int_equal(swap->counters.errors, 1);
    assert_int_equal(swap->counters.reads, 0);
    assert_int_equal(block_flush(swap, BLOCK_HLT), -EIO);
    give_pages();
}

static void a_dead_disk_is_left_alone(void **state) {
    (void)state;
    struct block_device *swap = add_two();

    take_pages();
    block_give_up(&disk);
    block_give_up(&disk);
    assert_non_null(strstr(log_text, "hda does not answer"));
    assert_null(strstr(strstr(log_text, "hda does not answer") + 1, "hda does not answer"));
    assert_int_equal(block_read(swap, 0, 1, pages, BLOCK_HLT), -EIO);
    assert_int_equal(block_write(swap, 0, 1, pages, BLOCK_HLT), -EIO);
    assert_int_equal(block_flush(swap, BLOCK_HLT), -EIO);
    assert_int_equal(request_count + flushes, 0);
    give_pages();
}

static void one_may_claim_it(void **state) {
    (void)state;
    struct block_device *swap = add_two();

    assert_int_equal(block_claim(swap), 0);
    assert_int_equal(block_claim(swap), -EBUSY);
    block_release(swap);
    assert_int_equal(block_claim(swap), 0);
}

/* ---- partitions ---- */

static void names_and_numbers(void **state) {
    (void)state;
    struct block_device *swap = add_two();

    assert_int_equal(swap->number, 0x302);
    assert_int_equal(swap->start, 100);
    assert_int_equal(swap->sectors, 200);
    assert_int_equal(swap->type, SWAP_PARTITION_TYPE);
    assert_ptr_equal(block_find_number(0x301), block_find("hda1"));
    assert_null(block_find("hda3"));
    assert_null(block_find_number(0x303));
    forget_all(NULL);
    strcpy(disk.name, "bios80");
    disk.next = NULL;
    block_add(&disk);
    assert_non_null(block_find("bios80p2"));
    assert_string_equal(log_text, "");
    assert_ptr_equal(block_find_first_sector(medium, 0), &disk);
    assert_ptr_equal(block_find_first_sector(medium, DISK_SECTORS), &disk);
    assert_null(block_find_first_sector(medium, DISK_SECTORS + 1));
    assert_null(block_find_first_sector(medium + SECTOR_BYTES, 0));
}

static void refused(uint8_t type, uint32_t first, uint32_t sectors, const char *why) {
    fresh(NULL);
    set_entry(1, 0x06, 10, 90);
    set_entry(2, type, first, sectors);
    block_add(&disk);
    assert_null(block_find("hda2"));
    assert_non_null(strstr(log_text, "hda: partition 2 "));
    assert_non_null(strstr(log_text, why));
}

static void what_cannot_be_right_is_refused(void **state) {
    (void)state;
    refused(SWAP_PARTITION_TYPE, 100, 901, "ends beyond the disk");
    assert_non_null(block_find("hda1"));
    refused(SWAP_PARTITION_TYPE, 1001, 1, "ends beyond the disk");
    refused(SWAP_PARTITION_TYPE, UINT32_MAX, UINT32_MAX, "ends beyond the disk");
    refused(SWAP_PARTITION_TYPE, 100, 0, "has no sectors");
    refused(SWAP_PARTITION_TYPE, 0, 5, "begins with the partition table");
    refused(SWAP_PARTITION_TYPE, 99, 10, "overlaps another");
    assert_null(block_find("hda1"));
    refused(SWAP_PARTITION_TYPE, 5, 6, "overlaps another");
    refused(SWAP_PARTITION_TYPE, 1, 999, "overlaps another");
    refused(SWAP_PARTITION_TYPE, 10, 90, "overlaps another");
    fresh(NULL);
    set_entry(1, 0x06, 10, 90);
    set_entry(2, SWAP_PARTITION_TYPE, 1, 9);
    set_entry(4, SWAP_PARTITION_TYPE, 100, 900);
    block_add(&disk);
    assert_true(block_find("hda1") && block_find("hda2") && block_find("hda4"));
}

static void no_table(void **state) {
    (void)state;
    medium[0x1FF] = 0;
    add_two();
    assert_ptr_equal(block_devices, &disk);
    assert_null(disk.next);
    fresh(NULL);
    medium[0x1BE + 32] = 0x42; /* code, where an entry has its status */
    assert_null(add_two());
    assert_string_equal(log_text, "");
}

static void without_memory(void **state) {
    (void)state;
    for (unsigned nth = 1; nth <= 3; nth++) {
        fresh(NULL);
        allocations_until_failure = nth;
        add_two();
        assert_non_null(block_find("hda"));
        assert_string_not_equal(log_text, "");
    }
    allocations_until_failure = 0;
    forget_all(NULL);
    assert_int_equal(in_use, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, forget_all)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_device_is_not_claimed_while_somebody_writes),
        TEST(a_request_is_split_at_pages),  TEST(nothing_outside_reaches_the_driver),
        TEST(only_swap_is_written),         TEST(an_error_ends_the_request),
        TEST(a_dead_disk_is_left_alone),    TEST(one_may_claim_it),
        TEST(names_and_numbers),            TEST(what_cannot_be_right_is_refused),
        TEST(no_table),                     TEST(without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
