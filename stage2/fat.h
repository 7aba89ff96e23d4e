/*
 * fat.h: files on a FAT12, FAT16 or FAT32 partition, read only. Needs no hardware but
 * disk_read_twice(), so the host tests and a fuzzer run this code as it is. Source: Microsoft FAT
 * specification, "FAT: General Overview of On-Disk Format", version 1.03.
 */
#ifndef STAGE2_FAT_H
#define STAGE2_FAT_H

#include <ascent/errors.h>
#include <stdint.h>

#define FAT_PATH_MAX 64 /* bytes, with the final NUL */

/* Neighbouring sectors of a file. */
struct fat_run {
    uint32_t lba;
    uint32_t sectors; /* 0 at the end of the file */
};

/* A file, and the places in its cluster chain where reading goes on. */
struct fat_file {
    uint32_t first_cluster;
    uint32_t bytes;
    uint32_t cluster;      /* of the next run */
    uint32_t position;     /* bytes before the next run */
    struct fat_run run;    /* the one that fat_read() used last */
    uint32_t run_position; /* bytes before it */
};

/*
 * Reads the BIOS parameter block of the partition at `lba` with `sectors` sectors.
 * Returns BOOT_OK, E_NOT_FAT, E_FAT_BPB, or an error of disk_read_twice().
 */
enum boot_error fat_mount(uint32_t lba, uint32_t sectors);

/* Forgets what was read of the FAT, of directories and of files: they are read anew. */
void fat_forget(void);

/*
 * Finds `path`: 8.3 names, . and .. with / between them, letter case does not matter.
 * Returns BOOT_OK, E_FILE_NOT_FOUND, E_NOT_A_FILE, E_NOT_A_DIRECTORY, or an error of the chain of
 * a directory (E_FAT_CHAIN_...) or of the disk.
 */
enum boot_error fat_open(const char *path, struct fat_file *file);

/* Back to the start of the file. */
void fat_rewind(struct fat_file *file);

/*
 * The next run of the file: as many clusters as are neighbours, but no more of them than make
 * `max_sectors`. At the end of the file the run has no sectors, and the chain is known to end
 * exactly there.
 * Returns BOOT_OK, E_FAT_CHAIN_LONG, E_FAT_CHAIN_RANGE, E_FAT_CHAIN_SHORT, or an error of
 * disk_read_twice().
 */
enum boot_error fat_next_run(struct fat_file *file, uint32_t max_sectors, struct fat_run *run);

/*
 * Reads `bytes` at `offset` of the file into `buffer`; both must lie within the file. For headers:
 * it goes through a buffer of some sectors, which are read twice and compared. Reading on from the
 * last place is quick, reading back goes through the chain again. Returns as fat_next_run().
 */
enum boot_error fat_read(struct fat_file *file, uint32_t offset, void *buffer, uint32_t bytes);

#endif
