/*
 * fat_machine.h: a disk in memory with one FAT file system on it, mounted at /fat, and who lists its
 * directories. Included by one file of each test program.
 */
#ifndef FAT_MACHINE_H
#define FAT_MACHINE_H

#include "file_machine.h"
#include <fs/fat.h>

static uint8_t *disk; /* its sectors */
static uint32_t bad_from, bad_to; /* those that cannot be read */
static unsigned disk_reads, most_sectors; /* requests; of the largest one */

static struct block_device device = {.name = "ram0", .number = 0x100};

int block_read(struct block_device *from, uint64_t sector, uint32_t sectors,
               struct page *const *pages, enum block_wait wait) {
    (void)wait;
    if (from != &device || !sectors || sector + sectors > device.sectors) abort(); /* outside */
    disk_reads++;
    if (sectors > most_sectors) most_sectors = sectors;
    if (sector < bad_to && sector + sectors > bad_from) return -EIO;
    for (uint32_t i = 0; i < sectors; i++)
        memcpy((uint8_t *)kmap(pages[i / SECTORS_PER_PAGE]) + i % SECTORS_PER_PAGE * SECTOR_BYTES,
               disk + (sector + i) * SECTOR_BYTES, SECTOR_BYTES);
    return 0;
}

/* 0, or why it cannot be mounted. */
static int mount_disk(uint64_t sectors) {
    struct walk walk;
    struct filesystem *fs;
    struct dentry *on;

    device.sectors = sectors;
    int error = fs_make("vfat", &device, &fs);
    if (error) return error;
    if (walk_start(&walk, NULL, "/fat")) abort();
    if (tree_make(&walk, S_IFDIR | 0755, 0, NULL, &on) || fs_mount(fs, on)) abort();
    dentry_put(on);
    walk_end(&walk);
    return 0;
}

/* 0 or -EBUSY. */
static int unmount_disk(void) {
    struct dentry *root;
    struct walk walk;

    if (path_lookup(NULL, "/fat", 0, &root)) abort();
    int error = fs_umount(root);
    if (error) return error;
    if (walk_start(&walk, NULL, "/fat") || tree_rmdir(&walk)) abort();
    walk_end(&walk);
    return 0;
}

/* ---- listing: a few names at a time, as getdents() with little room ---- */

#define CHUNK_NAMES 7

struct dir_context {
    unsigned count;
    struct {
        char name[NAME_MAX + 1];
        uint32_t length, inode, mode;
    } entries[CHUNK_NAMES];
};

bool dir_emit(struct dir_context *context, const char *name, uint32_t length, uint32_t inode,
              uint32_t mode, uint64_t next) {
    (void)next;
    if (length == 0 || length > NAME_MAX || memchr(name, 0, length) || memchr(name, '/', length)) abort();
    if (context->count == CHUNK_NAMES) return false;
    memcpy(context->entries[context->count].name, name, length);
    context->entries[context->count].name[length] = 0;
    context->entries[context->count].length = length;
    context->entries[context->count].inode = inode;
    context->entries[context->count++].mode = mode;
    return true;
}

bool dir_emit_dots(struct file *dir, struct dir_context *context) {
    (void)context;
    if (dir->offset < 2) dir->offset = 2;
    return true;
}

#endif
