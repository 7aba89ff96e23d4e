/*
 * fat.h: what FAT12, FAT16 and FAT32 are, as far as reading goes: what lies on the disk, and the code
 * in fat/ that the loader (16-bit) and the kernel share. It reads no disk: who uses it supplies
 * fat_byte() and fat_damaged(), below. Source: Microsoft FAT specification, "FAT: General Overview of
 * On-Disk Format", version 1.03.
 */
#ifndef ASCENT_FAT_H
#define ASCENT_FAT_H

#include <ascent/errors.h>
#include <ascent/layout.h>
#include <stdbool.h>
#include <stdint.h>

/* ---- on the disk ---- */

/* BIOS parameter block ("Boot Sector and BPB Structure"). */
struct fat_boot_sector {
    uint8_t jump[3];
    char oem_name[8];
    uint16_t bytes_per_sector;
    uint8_t sectors_per_cluster;
    uint16_t reserved_sectors;
    uint8_t fats;
    uint16_t root_entries;
    uint16_t total_sectors_16;
    uint8_t media;
    uint16_t fat_sectors_16;
    uint16_t track_sectors;
    uint16_t heads;
    uint32_t hidden_sectors;
    uint32_t total_sectors_32;
    uint32_t fat_sectors_32; /* from here on FAT32 only */
    uint16_t flags;
    uint16_t version;
    uint32_t root_cluster;
    uint16_t info_sector;
    uint8_t rest[SECTOR_SIZE - 52];
    uint16_t signature;
} __attribute__((packed));
_Static_assert(sizeof(struct fat_boot_sector) == SECTOR_SIZE, "boot sector size");

struct fat_directory_entry {
    char name[11]; /* 8 + 3, padded with spaces */
    uint8_t attributes;
    uint8_t lower_case; /* ENTRY_LOWER_... */
    uint8_t created[5];
    uint16_t accessed_date;
    uint16_t first_cluster_high; /* FAT32 */
    uint16_t modified_time, modified_date;
    uint16_t first_cluster_low;
    uint32_t bytes;
} __attribute__((packed));
_Static_assert(sizeof(struct fat_directory_entry) == 32, "directory entry size");

#define ATTRIBUTE_VOLUME_ID 0x08 /* also set in the entries of a long name */
#define ATTRIBUTE_DIRECTORY 0x10
#define ENTRY_END 0x00
#define ENTRY_DELETED 0xE5
#define ENTRIES_PER_SECTOR (SECTOR_SIZE / sizeof(struct fat_directory_entry))
#define DIRECTORY_MAX_BYTES (65536u * 32) /* FAT specification: at most 65536 entries */

/* ---- a volume, as its boot sector describes it ---- */

#define FAT_FIRST_CLUSTER 2

/* Neighbouring sectors of a file. */
struct fat_run {
    uint32_t lba;
    uint32_t sectors; /* 0 at the end of the file */
};

struct fat_volume {
    uint32_t fat_lba;    /* of the first copy that counts */
    uint32_t fat_copies;
    uint32_t fat_copy;   /* the one that could be read last, from 0: for fat_byte() */
    uint32_t active_fat; /* FAT32: the first copies may be out of use; how many */
    struct fat_run root;   /* FAT12 and FAT16: a fixed area */
    uint32_t root_cluster; /* FAT32; else 0 */
    uint32_t data_lba;
    uint32_t cluster_sectors;
    uint32_t clusters; /* numbered from FAT_FIRST_CLUSTER */
    uint32_t fat_sectors;
    uint32_t entry_bits; /* 12, 16 or 32 */
    uint32_t end_mark;   /* an entry of this much or more ends a chain */
};

/* A file, and the places in its cluster chain where reading goes on. */
struct fat_file {
    uint32_t first_cluster;
    uint32_t bytes;
    uint32_t cluster;      /* of the next run */
    uint32_t position;     /* bytes before the next run */
    struct fat_run run;    /* the one that was found last */
    uint32_t run_position; /* bytes before it */
};

/* A directory, and the part of it that is looked at: a cluster, or the fixed root directory. At first
 * all is 0 but for its first cluster; 0 is the root directory. */
struct fat_directory {
    uint32_t cluster;  /* of `run` */
    uint32_t position; /* bytes before `run` */
    struct fat_run run;
};

/*
 * What `boot`, at `lba`, says of a partition of `sectors` sectors. Reads nothing.
 * Returns BOOT_OK, E_NOT_FAT or E_FAT_BPB.
 */
enum boot_error fat_volume_init(struct fat_volume *volume, const struct fat_boot_sector *boot,
                                uint32_t lba, uint32_t sectors);

/* ---- chains ---- */

/* The FAT entry of a cluster that there is: the next one of its chain, or volume->end_mark and more.
 * Returns BOOT_OK or an error of fat_byte(). */
enum boot_error fat_entry(struct fat_volume *volume, uint32_t cluster, uint32_t *entry);

/* Back to the start of the file. */
void fat_rewind(struct fat_file *file);

/*
 * Makes file->run the next one: as many clusters as are neighbours, but no more of them than make
 * `max_sectors`. At the end of the file the run has no sectors, and the chain is known to end
 * exactly there.
 * Returns BOOT_OK, E_FAT_CHAIN_LONG, E_FAT_CHAIN_RANGE, E_FAT_CHAIN_SHORT, or an error of fat_byte().
 */
enum boot_error fat_next_run(struct fat_volume *volume, struct fat_file *file,
                             uint32_t max_sectors);

/*
 * Makes file->run one that holds `offset`, which lies in the file; goes back to the start of the chain
 * only if it must. Returns as fat_next_run().
 */
enum boot_error fat_find_run(struct fat_volume *volume, struct fat_file *file, uint32_t offset);

/*
 * Looks at the first part of a directory, then at the next ones; a run without sectors is its end, and
 * the last call. A directory has no length of its own, its chain just ends; so this goes on cluster by
 * cluster, and who finds the end of the directory before need not go on.
 * Returns BOOT_OK, E_FAT_CHAIN_RANGE, E_FAT_CHAIN_LONG (it loops), or an error of fat_byte().
 */
enum boot_error fat_directory_next(struct fat_volume *volume, struct fat_directory *directory);

/* The first cluster that an entry names. */
static inline uint32_t fat_first_cluster(const struct fat_volume *volume,
                                         const struct fat_directory_entry *entry) {
    uint32_t cluster = entry->first_cluster_low;
    if (volume->entry_bits == 32) cluster |= (uint32_t)entry->first_cluster_high << 16;
    return cluster;
}

/* ---- supplied by the loader, the kernel, the tests ---- */

/* Points `at` to the byte at `offset` of the FAT, until the next call. BOOT_OK, or an error of the disk. */
enum boot_error fat_byte(struct fat_volume *volume, uint32_t offset, const uint8_t **at);

/* Notes what is wrong with a chain, at `cluster`. Returns `error`. */
enum boot_error fat_damaged(enum boot_error error, uint32_t cluster);

#endif
