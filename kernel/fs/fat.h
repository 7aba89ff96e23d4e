/*
 * fat.h: FAT file systems (include/ascent/fat.h has what they are on the disk), read only: nothing on
 * a FAT is ever written, so what was read of it stays right as long as it is mounted.
 *
 *   read(), mmap()             file_cache.c   pages of files       fat_inode.c: page -> sectors
 *   lookup, readdir            fat_directory.c, fat_name.c         entries -> names and inodes
 *   FAT, directories           fat_sectors.c                       pages of the partition itself
 *        |  block_read()
 *   block/block.h
 */
#ifndef FS_FAT_H
#define FS_FAT_H

#include <ascent/fat.h>
#include <block/block.h>
#include <fs/file_cache.h>

#define FAT_BUCKETS 64

/* Inodes are there as long as somebody uses them or a page of them is in memory. One entry of a
 * directory has one inode, so all who use a file have the same pages. */
struct fat_inode {
    struct cached_file cached; /* first */
    uint64_t place;            /* of its entry on the volume; 0: the root directory has none */
    struct fat_file chain;     /* where its first cluster is, and where reading was */
    struct fat_file before;    /* the same, of the run before */
    struct fat_inode *next;    /* in its bucket, by place */
};

struct fat_super {
    struct filesystem fs; /* first */
    struct fat_volume volume;
    struct block_device *device;
    struct cached_file *sectors; /* a file with the sectors of the partition, without a name */
    struct fat_inode *buckets[FAT_BUCKETS];
    uint8_t entry[4]; /* what fat_byte() points to */
    int disk_error;   /* of fat_byte(), when it answers E_DISK_READ */
    uint32_t reports; /* of damage, in the log */
};

/* ---- fat.c ---- */

/* A file system of what is on this device, as -EINVAL if that is none or a damaged one (the log says
 * why), -EIO, -ENOMEM. It is not mounted. */
int fat_make(struct block_device *device, struct filesystem **fs);

/* ---- fat_sectors.c ---- */

/* The file of sectors; a null pointer: no memory. */
struct cached_file *fat_sectors_new(struct fat_super *super, uint64_t sectors);

/* Copies bytes that lie in one sector. 0, -EIO, -ENOMEM. */
int fat_copy(struct fat_super *super, uint32_t lba, uint32_t offset, void *to, uint32_t bytes);

/* What a function of include/ascent/fat.h answered, as an error of the kernel; damage is told of in
 * the log, by name. */
int fat_error(struct fat_super *super, enum boot_error error);

/* Damage that the kernel finds itself, at this place. -EIO. */
int fat_report(struct fat_super *super, const char *what, uint32_t cluster);

/* ---- fat_inode.c ---- */

/* The root directory. A null pointer: no memory. */
struct inode *fat_root(struct fat_super *super);

/* The inode of an entry, with a reference. A null pointer: no memory. */
struct fat_inode *fat_inode_of(struct fat_super *super, uint64_t place,
                               const struct fat_directory_entry *entry);

/* When nobody has it any more. */
void fat_inode_end(struct inode *inode);

/* What st_ino is of the entry at a place. */
uint32_t fat_inode_number(uint64_t place);

/* ---- fat_directory.c ---- */

extern const struct inode_operations fat_directory_inode;
extern const struct file_operations fat_directory_file;

#endif
