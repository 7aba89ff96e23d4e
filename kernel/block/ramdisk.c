/*
 * ramdisk.c: a disk in memory, for tests. It never makes anybody wait, and never fails.
 */
#include <block/block.h>
#include <block/ramdisk.h>
#include <boot/boot.h>
#include <fs/vfs.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/kmap.h>
#include <mm/vmalloc.h>

#define RAMDISK_MAJOR 1
#define KB_MAX (1u << 20)

static int ramdisk_transfer(struct block_device *disk, bool write, uint64_t sector,
                            uint32_t sectors, struct page *const *pages, enum block_wait wait) {
    uint8_t *memory = (uint8_t *)disk->private + sector * SECTOR_BYTES;
    uint32_t left = sectors * SECTOR_BYTES;
    (void)wait;

    for (; left; pages++) {
        uint32_t bytes = left < PAGE_SIZE ? left : PAGE_SIZE;
        void *frame = kmap_atomic(*pages);
        if (write)
            memcpy(memory, frame, bytes);
        else
            memcpy(frame, memory, bytes);
        kunmap_atomic(frame);
        memory += bytes;
        left -= bytes;
    }
    return 0;
}

static const struct block_driver ramdisk_driver = {.transfer = ramdisk_transfer,
                                                   .max_sectors = 256};
static struct block_device ramdisk = {.name = "ram0", .driver = &ramdisk_driver, .writable = true};

/* A decimal number, or 0. */
static uint32_t number_of(const char *text) {
    uint32_t number = 0;

    for (; *text >= '0' && *text <= '9' && number < KB_MAX; text++)
        number = number * 10 + (uint32_t)(*text - '0');
    return *text ? 0 : number;
}

void ramdisk_init(void) {
    char option[12];

    if (!cmdline_option("ramdisk", option, sizeof option)) return;
    uint32_t kb = number_of(option);
    if (kb && kb <= KB_MAX) ramdisk.private = vzalloc(kb * 1024);
    if (!ramdisk.private) {
        pr_warn("no RAM disk of \"%s\" KB\n", option);
        return;
    }
    ramdisk.number = makedev(RAMDISK_MAJOR, 0);
    ramdisk.sectors = (uint64_t)kb * SECTORS_PER_KB;
    block_add(&ramdisk);
}
