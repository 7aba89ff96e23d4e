/*
 * fat.h: files on a FAT12, FAT16 or FAT32 partition, read only. Needs no hardware but
 * disk_read_twice(), so the host tests and a fuzzer run this code as it is.
 */
#ifndef STAGE2_FAT_H
#define STAGE2_FAT_H

#include <ascent/fat.h>

#define FAT_PATH_MAX 64 /* bytes, with the final NUL */

/* The one that is mounted, for fat_next_run(). */
extern struct fat_volume fat_volume;

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

/*
 * Reads `bytes` at `offset` of the file into `buffer`; both must lie within the file. For headers:
 * it goes through a buffer of some sectors, which are read twice and compared. Reading on from the
 * last place is quick, reading back goes through the chain again. Returns as fat_next_run().
 */
enum boot_error fat_read(struct fat_file *file, uint32_t offset, void *buffer, uint32_t bytes);

#endif
