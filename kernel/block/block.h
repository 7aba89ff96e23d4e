/*
 * block.h: disks, and their partitions: sectors of 512 bytes that are read and written by number.
 *
 *   file system, swap, /dev/hda2
 *        |  block_read(hda2, sector 0)
 *   block.c       inside the partition? may it be written? -> sector 4096 of hda; counts
 *        |  driver->transfer(hda, sector 4096)
 *   ata.c, bios.c, ramdisk.c
 *
 * A partition is a device of its own, with the disk that it lies on: nobody who has it can reach a
 * sector outside. Nothing but partitions of type 82h (and RAM disks) is ever written to.
 */
#ifndef BLOCK_BLOCK_H
#define BLOCK_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define SECTOR_BYTES 512u
#define SECTORS_PER_PAGE 8u /* SECTOR_BYTES of them are a page: 4096 */
#define SECTORS_PER_KB 2u
#define BLOCK_NAME_MAX 16   /* with the NUL */
#define BLOCK_PARTITIONS 4  /* of a disk: those of the MBR */

struct page;
struct block_device;

/* How to wait for a disk. */
enum block_wait {
    BLOCK_SLEEP, /* other tasks run meanwhile: who waits holds nothing that they could change */
    BLOCK_HLT,   /* the processor halts, with interrupts on; no other task runs */
};

/* Of whole requests, as the driver got them; `errors` are those that were given up. */
struct block_counters {
    uint32_t reads, writes, flushes, errors;
    uint64_t sectors_read, sectors_written;
    uint64_t read_ns, write_ns; /* time that they took */
    uint32_t retries, resets;   /* of the driver, on the disk only */
};

/*
 * What a driver does with a disk; on sectors of the disk that exist, and never after `dead`. Both
 * take no memory, and try again themselves: an answer of -EIO is final. They come back in bounded
 * time even if the disk does not answer.
 */
struct block_driver {
    int (*transfer)(struct block_device *disk, bool write, uint64_t sector, uint32_t sectors,
                    struct page *const *pages, enum block_wait wait);
    int (*flush)(struct block_device *disk, enum block_wait wait); /* may be a null pointer */
    uint32_t max_sectors; /* of one transfer: a multiple of SECTORS_PER_PAGE */
};

/* The driver of a disk fills in the first five. */
struct block_device {
    char name[BLOCK_NAME_MAX]; /* "hda", "hda2", "bios80p2", "ram0" */
    uint32_t number;           /* st_rdev: makedev(3, 0); partition n has the minor number + n */
    uint64_t sectors;
    const struct block_driver *driver;
    void *private; /* of the driver */

    bool writable;             /* else block_write() answers -EPERM */
    bool dead;                 /* a disk that does not answer any more: -EIO at once */
    bool claimed;              /* block_claim() */
    uint32_t writes;           /* block_write() is under way */
    bool not_boot;             /* a disk that we have not come from, even if it holds the same */
    uint8_t type;              /* of a partition, from the table: SWAP_PARTITION_TYPE... */
    struct block_device *disk; /* of a partition: what it lies on; else a null pointer */
    uint64_t start;            /* of a partition: its first sector on the disk */
    struct block_counters counters;
    struct block_device *next; /* of all: block_devices */
};

/* A disk, its partitions in order, the next disk... */
extern struct block_device *block_devices;

/* The disk that the BIOS has booted from; a null pointer while it is not known. */
extern struct block_device *block_boot;

/*
 * Moves `sectors` sectors from `sector` on; `pages` has a frame for each 8 of them, the last one maybe
 * for fewer. The frames may lie anywhere (HIGHMEM too), and stay where they are until it comes back.
 * With BLOCK_HLT from everywhere but interrupt handlers; interrupts come in meanwhile. 0, or
 *   -ENXIO  some of them lie outside the device: nothing is moved
 *   -EPERM  the device is not to be written to: nothing is moved
 *   -EIO    the disk says no, after the driver's retries, or is dead; some may have been moved
 */
int block_read(struct block_device *device, uint64_t sector, uint32_t sectors,
               struct page *const *pages, enum block_wait wait);
int block_write(struct block_device *device, uint64_t sector, uint32_t sectors,
                struct page *const *pages, enum block_wait wait);

/* What was written is on the medium when it comes back. 0 or -EIO. */
int block_flush(struct block_device *device, enum block_wait wait);

/* By name; by st_rdev. A null pointer: there is none. */
struct block_device *block_find(const char *name);
struct block_device *block_find_number(uint32_t number);

/* One user alone may write to it from now on (swapon); /dev refuses others. 0; -EBUSY: somebody has it, or writes
 * to it just now. */
int block_claim(struct block_device *device);
void block_release(struct block_device *device);

/* ---- for drivers ---- */

/*
 * Adds a disk, whose driver can be called from now on, and its partitions; reads its first sector
 * (BLOCK_HLT). The structure stays. Partitions of the table that cannot be right are refused by name
 * in the log (partition.h). Before fs_init(), which makes the nodes of /dev.
 */
void block_add(struct block_device *disk);

/* The disk has stopped answering: says so once, and block.c does not call its driver any more. */
void block_give_up(struct block_device *disk);

/* /dev/boot, /dev/boot1... lead to this disk and its partitions. Before fs_init(). */
void block_set_boot(struct block_device *disk);

/* The disk of so many sectors (0: of any size) whose first one holds these SECTOR_BYTES, but for those that
 * are not_boot; a null pointer: none. Reads them all. */
struct block_device *block_find_first_sector(const void *wanted, uint64_t sectors);

/* All drivers there are. Interrupts are on. */
void block_init(void);

#endif
