/*
 * fat_sectors.c: the FAT and the directories, read sector by sector through the cache of pages: for the
 * cache, the whole partition is a file.
 */
#include <fs/fat.h>
#include <lib/errno.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <mm/kmap.h>

#define REPORTS_MAX 16 /* a damaged volume could fill the log */

static uint32_t damaged_cluster; /* of the last error that fat_damaged() has seen */

/* ---- the partition as a file ---- */

/* What is behind the end of the partition in its last page is 0. */
static int read_sectors(struct inode *inode, uint32_t index, struct page *const *pages,
                        uint32_t count, enum block_wait wait) {
    struct fat_super *super = (struct fat_super *)inode->fs;
    uint64_t first = (uint64_t)index * SECTORS_PER_PAGE, left = inode->size / SECTOR_BYTES - first;
    uint32_t sectors = count * SECTORS_PER_PAGE;

    if (sectors > left) sectors = (uint32_t)left;
    int error = block_read(super->device, first, sectors, pages, wait);
    if (error && count > 1) return read_sectors(inode, index, pages, 1, wait);
    if (error) return error;
    if (sectors % SECTORS_PER_PAGE)
        page_zero_from(pages[count - 1], sectors % SECTORS_PER_PAGE * SECTOR_BYTES);
    return (int)count;
}

static const struct inode_operations sectors_inode = {.read_pages = read_sectors};

struct cached_file *fat_sectors_new(struct fat_super *super, uint64_t sectors) {
    struct cached_file *file = kzalloc(sizeof *file, GFP_KERNEL);

    if (!file) return 0;
    inode_init(&file->inode, &super->fs, S_IFREG);
    file->inode.ops = &sectors_inode;
    file->inode.size = sectors * SECTOR_BYTES;
    return file;
}

int fat_copy(struct fat_super *super, uint32_t lba, uint32_t offset, void *to, uint32_t bytes) {
    struct page *page;

    if (lba >= super->sectors->inode.size / SECTOR_BYTES) return -EIO;
    int error = file_cache_page(&super->sectors->inode, lba / SECTORS_PER_PAGE, BLOCK_HLT,
                                &page);
    if (error) return error == -ENOMEM ? error : -EIO;
    const uint8_t *memory = kmap_atomic(page);
    memcpy(to, memory + lba % SECTORS_PER_PAGE * SECTOR_BYTES + offset, bytes);
    kunmap_atomic((void *)memory);
    put_page(page);
    return 0;
}

/* ---- what fat/ asks for ---- */

enum boot_error fat_byte(struct fat_volume *volume, uint32_t offset, const uint8_t **at) {
    struct fat_super *super = (struct fat_super *)((uint8_t *)volume - offsetof(struct fat_super, volume));
    uint32_t within = offset % SECTOR_BYTES, bytes = (uint32_t)sizeof super->entry;

    if (bytes > SECTOR_BYTES - within) bytes = SECTOR_BYTES - within;
    *at = super->entry;
    for (uint32_t tries = 0; tries < volume->fat_copies; tries++) {
        uint32_t lba = volume->fat_lba + volume->fat_copy * volume->fat_sectors + offset / SECTOR_BYTES;
        super->disk_error = fat_copy(super, lba, within, super->entry, bytes);
        if (!super->disk_error) return BOOT_OK;
        if (super->disk_error == -ENOMEM) break;
        volume->fat_copy = (volume->fat_copy + 1) % volume->fat_copies;
    }
    return E_DISK_READ;
}

enum boot_error fat_damaged(enum boot_error error, uint32_t cluster) {
    damaged_cluster = cluster;
    return error;
}

/* ---- errors ---- */

static const char *text_of(enum boot_error error) {
    switch (error) {
#define ERROR(number, name, message, remedy) \
    case E_##name: return message;
#include <ascent/errors.def>
#undef ERROR
    default: return "?";
    }
}

int fat_report(struct fat_super *super, const char *what, uint32_t cluster) {
    if (super->reports++ < REPORTS_MAX)
        pr_warn("%s: %s: cluster %u\n", super->device->name, what, cluster);
    return -EIO;
}

int fat_error(struct fat_super *super, enum boot_error error) {
    if (!error) return 0;
    if (error == E_DISK_READ) return super->disk_error;
    return fat_report(super, text_of(error), damaged_cluster);
}
