/*
 * test_block.c: disks from inside: into frames wherever they lie, also beyond 4 GB, where a bus
 * master does not reach; from several tasks at once; not beyond the end.
 */
#include <block/block.h>
#include <lib/crc32.h>
#include <lib/errno.h>
#include <mm/kmap.h>
#include <proc/schedule.h>
#include <proc/thread.h>
#include <selftest/accounting.h>
#include <selftest/test.h>

#define PAGES 20u /* more than one request of the BIOS */
#define SECTORS (PAGES * SECTORS_PER_PAGE - 3)
#define BEYOND 0x100000000ull
#define READERS 3
#define ROUNDS 20

static struct block_device *disk_of_test(void) {
    struct block_device *disk = block_boot ? block_boot : block_devices;

    if (!disk || disk->sectors < SECTORS) test_skip("no disk");
    return disk && disk->sectors >= SECTORS ? disk : 0;
}

static void give_back(struct page **pages) {
    for (unsigned i = 0; i < PAGES; i++)
        if (pages[i]) put_page(pages[i]);
}

static bool take(struct page **pages, gfp_t gfp) {
    bool all = true;

    for (unsigned i = 0; i < PAGES; i++) {
        pages[i] = alloc_pages(gfp, 0, OWNER_OTHER);
        all &= pages[i] != 0;
    }
    if (!all) give_back(pages);
    return all;
}

static uint32_t crc_of(struct page *const *pages) {
    uint32_t crc = 0, left = SECTORS * SECTOR_BYTES;

    for (unsigned i = 0; i < PAGES; i++) {
        uint32_t bytes = left < PAGE_SIZE ? left : PAGE_SIZE;
        void *frame = kmap_atomic(pages[i]);
        crc = crc32_more(crc, frame, bytes);
        kunmap_atomic(frame);
        left -= bytes;
    }
    return crc;
}

/* The CRC-32 of the first sectors, read into such frames; 0: no memory. */
static uint32_t read_into(struct block_device *disk, struct page **pages, enum block_wait wait) {
    for (unsigned i = 0; i < PAGES; i++) page_zero(pages[i]);
    CHECK_EQUAL(block_read(disk, 0, SECTORS, pages, wait), 0);
    return crc_of(pages);
}

static void wherever_frames_lie(void) {
    struct block_device *disk = disk_of_test();
    struct page *low[PAGES], *high[PAGES];

    if (!disk) return;
    accounting_start();
    if (HAVE(take(low, GFP_KERNEL))) {
        uint32_t crc = read_into(disk, low, BLOCK_HLT);
        CHECK_EQUAL(read_into(disk, low, BLOCK_SLEEP), crc);
        if (HAVE(take(high, GFP_HIGHUSER))) {
            CHECK_EQUAL(read_into(disk, high, BLOCK_HLT), crc);
            CHECK_EQUAL(read_into(disk, high, BLOCK_SLEEP), crc);
            give_back(high);
        }
        give_back(low);
    }
    accounting_check();
}

/* A block of ORDER_MAX beyond 4 GB, or a null pointer. Those that it takes on the way are chained,
 * and given back. */
static struct page *take_beyond(void) {
    struct page *chain = 0, *block;

    while ((block = alloc_pages(GFP_HIGHUSER & ~__GFP_WAIT, ORDER_MAX, OWNER_OTHER)) &&
           page_to_phys(block).value < BEYOND) {
        block->private = chain;
        chain = block;
    }
    while (chain) {
        struct page *next = chain->private;
        free_pages(chain, ORDER_MAX);
        chain = next;
    }
    return block;
}

/* Both kinds of frames in one request. */
static void beyond_4_gb(void) {
    struct block_device *disk = disk_of_test();
    struct page *low[PAGES], *mixed[PAGES], *block = take_beyond();

    if (!block) test_skip("no memory beyond 4 GB");
    if (disk && block && HAVE(take(low, GFP_KERNEL))) {
        uint32_t crc = read_into(disk, low, BLOCK_HLT);
        for (unsigned i = 0; i < PAGES; i++) mixed[i] = i % 3 == 0 ? low[i] : block + i;
        CHECK_EQUAL(read_into(disk, mixed, BLOCK_HLT), crc);
        CHECK_EQUAL(read_into(disk, mixed, BLOCK_SLEEP), crc);
        give_back(low);
    }
    if (block) free_pages(block, ORDER_MAX);
}

static void not_beyond_the_end(void) {
    struct block_device *disk = disk_of_test();
    struct page *pages[PAGES];

    if (!disk || !HAVE(take(pages, GFP_KERNEL))) return;
    CHECK_EQUAL(block_read(disk, disk->sectors - 1, 1, pages, BLOCK_HLT), 0);
    CHECK_EQUAL(block_read(disk, disk->sectors - 1, 2, pages, BLOCK_HLT), -ENXIO);
    CHECK_EQUAL(block_read(disk, disk->sectors, 1, pages, BLOCK_HLT), -ENXIO);
    if (disk->number >> 8 != 1) CHECK_EQUAL(block_write(disk, 0, 1, pages, BLOCK_HLT), -EPERM);
    give_back(pages);
}

/* ---- several at once ---- */

static struct block_device *shared_disk;
static uint32_t shared_crc;
static unsigned readers_left, wrong;

static void reader(void *with) {
    struct page *pages[PAGES];
    (void)with;

    if (take(pages, GFP_KERNEL)) {
        for (unsigned i = 0; i < ROUNDS; i++)
            wrong += read_into(shared_disk, pages, BLOCK_SLEEP) != shared_crc;
        give_back(pages);
    } else {
        wrong++;
    }
    readers_left--;
}

/* They sleep while the disk works; one who halts meanwhile gets his turn between theirs. */
static void several_at_once(void) {
    struct page *pages[PAGES];

    shared_disk = disk_of_test();
    if (!shared_disk || !HAVE(take(pages, GFP_KERNEL))) return;
    shared_crc = read_into(shared_disk, pages, BLOCK_HLT);
    wrong = 0;
    for (readers_left = 0; readers_left < READERS; readers_left++)
        if (!HAVE(thread_start("reader", 0, reader, 0))) break;
    while (readers_left) {
        task_yield();
        wrong += read_into(shared_disk, pages, BLOCK_HLT) != shared_crc;
    }
    CHECK_EQUAL(wrong, 0);
    give_back(pages);
}

static const struct test_case cases[] = {
    {"wherever_frames_lie", wherever_frames_lie},
    {"beyond_4_gb", beyond_4_gb},
    {"not_beyond_the_end", not_beyond_the_end},
    {"several_at_once", several_at_once},
};

const struct test_suite suite_block = TEST_SUITE("block", cases);
