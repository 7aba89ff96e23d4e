/*
 * fat.c: files on a FAT12, FAT16 or FAT32 partition.
 *
 * mount -> open (directory by directory) -> runs of neighbouring clusters. A chain is checked as
 * it is walked: each cluster within the partition, an end exactly where the file ends. A chain
 * that loops never has an end, so it is found by the same check.
 */
#include "fat.h"

#include <ascent/layout.h>
#include <stdbool.h>

#include "boot.h"
#include "bytes.h"
#include "disk.h"
#include "error.h"

/* BIOS parameter block (FAT specification, "Boot Sector and BPB Structure"). */
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
    uint8_t rest[SECTOR_SIZE - 50];
    uint16_t signature;
} __attribute__((packed));
_Static_assert(sizeof(struct fat_boot_sector) == SECTOR_SIZE, "boot sector size");

struct fat_directory_entry {
    char name[11]; /* 8 + 3, padded with spaces */
    uint8_t attributes;
    uint8_t reserved;
    uint8_t created[7];
    uint16_t first_cluster_high; /* FAT32 */
    uint8_t modified[4];
    uint16_t first_cluster_low;
    uint32_t bytes;
} __attribute__((packed));

#define ATTRIBUTE_VOLUME_ID 0x08 /* also set in the entries of a long name */
#define ATTRIBUTE_DIRECTORY 0x10
#define ENTRY_END 0x00
#define ENTRY_DELETED 0xE5
#define ENTRIES_PER_SECTOR (SECTOR_SIZE / sizeof(struct fat_directory_entry))
#define DIRECTORY_MAX_BYTES (65536u * 32) /* FAT specification: at most 65536 entries */

#define DISK_MAX_SECTORS (1ull << 32) /* a partition table has 32-bit LBAs */
#define FIRST_CLUSTER 2
#define FAT12_MAX_CLUSTERS 4084
#define FAT16_MAX_CLUSTERS 65524
#define FAT32_MAX_CLUSTERS 0x0FFFFFF5u
#define FAT32_ENTRY_MASK 0x0FFFFFFFu

#define FLAGS_ONE_FAT 0x80 /* FAT32: the others are not kept up to date */
#define FLAGS_ACTIVE_FAT 0x0F

/* Sectors read at once: chains and headers mostly go forward. Names are found early in a directory. */
#define FAT_WINDOW_SECTORS 8
#define DATA_WINDOW_SECTORS 4

static struct {
    uint32_t fat_lba; /* of the first copy that counts */
    uint32_t fat_copies;
    uint32_t fat_copy; /* the one that could be read last, from 0 */
    uint32_t root_lba;     /* FAT12 and FAT16: a fixed area */
    uint32_t root_sectors; /* 0 on FAT32 */
    uint32_t root_cluster; /* FAT32 */
    uint32_t data_lba;
    uint32_t cluster_sectors;
    uint32_t clusters; /* numbered from FIRST_CLUSTER */
    uint32_t fat_sectors;
    uint32_t entry_bits; /* 12, 16 or 32 */
    uint32_t end_mark;   /* an entry of this much or more ends a chain */
} volume;

/* Neighbouring sectors that were read at once. */
struct window {
    uint8_t *bytes;
    uint32_t max_sectors;
    uint32_t first;   /* LBA; of the FAT, counted from its start, as all copies are the same */
    uint32_t sectors; /* 0: nothing read yet */
};

/* Two for directories: the kernel is found where BOOT.CFG was, and no directory is read again. */
static uint8_t fat_bytes[FAT_WINDOW_SECTORS * SECTOR_SIZE] __attribute__((aligned(16)));
static uint8_t data_bytes[DATA_WINDOW_SECTORS * SECTOR_SIZE] __attribute__((aligned(16)));
static uint8_t directory_bytes[2][SECTOR_SIZE] __attribute__((aligned(16)));
static struct window fat_window = {fat_bytes, FAT_WINDOW_SECTORS, 0, 0};
static struct window data_window = {data_bytes, DATA_WINDOW_SECTORS, 0, 0};
static struct window directory_windows[2] = {{directory_bytes[0], 1, 0, 0},
                                             {directory_bytes[1], 1, 0, 0}};

static bool holds(const struct window *window, uint32_t sector) {
    return sector - window->first < window->sectors;
}

static enum boot_error fill(struct window *window, uint32_t lba, uint32_t sectors) {
    window->sectors = 0;
    enum boot_error error = disk_read_twice(lba, sectors, window->bytes);
    if (!error) window->sectors = sectors;
    return error;
}

/*
 * Makes the window start with `sector`, which is `lba` of the disk. Up to `ahead` sectors are read,
 * this one among them; the others may as well be bad, as long as nobody asks for them.
 */
static enum boot_error move(struct window *window, uint32_t sector, uint32_t lba, uint32_t ahead) {
    enum boot_error error = fill(window, lba, ahead < window->max_sectors ? ahead : window->max_sectors);

    if (error && ahead > 1) error = fill(window, lba, 1);
    if (!error) error_forget();
    window->first = sector;
    return error;
}

/* Points `at` to the bytes of sector `lba` of a directory or a file. For `ahead` see move(). */
static enum boot_error look_at(struct window *window, uint32_t lba, uint32_t ahead,
                               const uint8_t **at) {
    enum boot_error error = BOOT_OK;

    if (!holds(window, lba)) error = move(window, lba, lba, ahead);
    *at = window->bytes + (lba - window->first) * SECTOR_SIZE;
    return error;
}

static bool looks_like_fat(const struct fat_boot_sector *boot) {
    return boot->signature == MBR_SIGNATURE && (boot->jump[0] == 0xEB || boot->jump[0] == 0xE9) &&
           boot->bytes_per_sector == SECTOR_SIZE && boot->fats != 0;
}

/* Has the FAT an entry for each cluster? */
static bool fat_is_large_enough(void) {
    uint64_t bits = ((uint64_t)volume.clusters + FIRST_CLUSTER) * volume.entry_bits;

    return bits <= (uint64_t)volume.fat_sectors * SECTOR_SIZE * 8;
}

/* Which of the FATs count, and where the first of them is. False: there is none such. */
static bool choose_fats(const struct fat_boot_sector *boot) {
    uint32_t active = 0;

    volume.fat_copies = boot->fats;
    volume.fat_copy = 0;
    if (volume.entry_bits == 32 && (boot->flags & FLAGS_ONE_FAT)) {
        active = boot->flags & FLAGS_ACTIVE_FAT;
        volume.fat_copies = 1;
        if (active) workaround(WORKAROUND_FAT_COPY);
    }
    volume.fat_lba += active * volume.fat_sectors;
    return active < boot->fats;
}

void fat_forget(void) {
    fat_window.sectors = data_window.sectors = 0;
    directory_windows[0].sectors = directory_windows[1].sectors = 0;
}

enum boot_error fat_mount(uint32_t lba, uint32_t sectors) {
    const uint8_t *bytes;

    fat_forget();
    enum boot_error error = look_at(&data_window, lba, 1, &bytes);
    if (error) return error;

    const struct fat_boot_sector *boot = (const void *)bytes;
    if (!looks_like_fat(boot)) return E_NOT_FAT;

    uint32_t total = boot->total_sectors_16 ? boot->total_sectors_16 : boot->total_sectors_32;
    volume.fat_sectors = boot->fat_sectors_16 ? boot->fat_sectors_16 : boot->fat_sectors_32;
    volume.cluster_sectors = boot->sectors_per_cluster;
    volume.root_sectors = (boot->root_entries + ENTRIES_PER_SECTOR - 1) / ENTRIES_PER_SECTOR;

    bool power_of_two = volume.cluster_sectors &&
                        !(volume.cluster_sectors & (volume.cluster_sectors - 1));
    uint64_t before_data = (uint64_t)boot->reserved_sectors +
                           (uint64_t)boot->fats * volume.fat_sectors + volume.root_sectors;
    if (!power_of_two || !boot->reserved_sectors || !volume.fat_sectors || total > sectors ||
        (uint64_t)lba + sectors > DISK_MAX_SECTORS || before_data >= total)
        return E_FAT_BPB;

    volume.fat_lba = lba + boot->reserved_sectors;
    volume.root_lba = volume.fat_lba + boot->fats * volume.fat_sectors;
    volume.data_lba = lba + (uint32_t)before_data;
    volume.clusters = (total - (uint32_t)before_data) / volume.cluster_sectors;
    volume.root_cluster = boot->root_cluster;

    /*
     * The specification goes by the number of clusters alone, and says that FAT32 has 65525 or
     * more. mkfs.fat -F 32 makes smaller ones; Linux takes a volume without a 16-bit FAT size for
     * FAT32 (fs/fat/inode.c, fat_fill_super), and so do we.
     */
    volume.entry_bits = !boot->fat_sectors_16                   ? 32
                        : volume.clusters <= FAT12_MAX_CLUSTERS ? 12
                                                                : 16;
    /* FFF8h and above end a chain; FFF7h is a bad cluster (shown for 16 bits). */
    volume.end_mark = (volume.entry_bits == 32 ? FAT32_ENTRY_MASK : (1u << volume.entry_bits) - 1) - 7;
    uint32_t max_clusters = volume.entry_bits == 32 ? FAT32_MAX_CLUSTERS : FAT16_MAX_CLUSTERS;
    bool root_fits = volume.entry_bits == 32 ? !volume.root_sectors : volume.root_sectors > 0;
    if (!volume.clusters || volume.clusters > max_clusters || !root_fits ||
        !fat_is_large_enough() || !choose_fats(boot))
        return E_FAT_BPB;
    return BOOT_OK;
}

static bool valid_cluster(uint32_t cluster) {
    return cluster - FIRST_CLUSTER < volume.clusters; /* 0 and 1 wrap round */
}

static uint32_t cluster_lba(uint32_t cluster) {
    return volume.data_lba + (cluster - FIRST_CLUSTER) * volume.cluster_sectors;
}

/* Reads on from `sector` of the FAT; where that cannot be read, the next copy serves. */
static enum boot_error read_fat(uint32_t sector) {
    enum boot_error error = E_FAT_BPB;

    for (uint32_t tries = 0; tries < volume.fat_copies; tries++) {
        uint32_t lba = volume.fat_lba + volume.fat_copy * volume.fat_sectors + sector;
        error = move(&fat_window, sector, lba, volume.fat_sectors - sector);
        if (!error) break;
        volume.fat_copy = (volume.fat_copy + 1) % volume.fat_copies;
        workaround(WORKAROUND_FAT_COPY);
    }
    return error;
}

/* Points `at` to the byte at `offset` of the FAT. */
static enum boot_error fat_byte(uint32_t offset, const uint8_t **at) {
    enum boot_error error = BOOT_OK;

    if (!holds(&fat_window, offset / SECTOR_SIZE)) error = read_fat(offset / SECTOR_SIZE);
    *at = fat_window.bytes + (offset - fat_window.first * SECTOR_SIZE);
    return error;
}

/* An entry of 12 bits: one and a half bytes, which may lie in two sectors. */
static enum boot_error fat12_entry(uint32_t cluster, uint32_t *entry) {
    uint32_t offset = cluster + cluster / 2;
    const uint8_t *at;

    enum boot_error error = fat_byte(offset, &at);
    if (error) return error;
    uint32_t low = *at;
    error = fat_byte(offset + 1, &at);
    if (error) return error;
    uint32_t both = low | (uint32_t)*at << 8;
    *entry = cluster & 1 ? both >> 4 : both & 0xFFF;
    return BOOT_OK;
}

/* The FAT entry of `cluster`: the next cluster of its chain, or an end mark. */
static enum boot_error fat_entry(uint32_t cluster, uint32_t *entry) {
    const uint8_t *at;

    if (volume.entry_bits == 12) return fat12_entry(cluster, entry);
    enum boot_error error = fat_byte(cluster * (volume.entry_bits / 8), &at);
    if (error) return error;
    *entry = volume.entry_bits == 16 ? *(const uint16_t *)at
                                     : *(const uint32_t *)at & FAT32_ENTRY_MASK;
    return BOOT_OK;
}

/* Goes from file->cluster to the next one; `more` is false when the file ends here. */
static enum boot_error advance(struct fat_file *file, bool *more) {
    uint32_t entry;
    enum boot_error error = fat_entry(file->cluster, &entry);

    if (error) return error;
    file->position += volume.cluster_sectors * SECTOR_SIZE;
    /* position 0: a file of 4 GB - 1 byte has wrapped round at the end of its last cluster */
    *more = file->position != 0 && file->position < file->bytes;
    if (entry >= volume.end_mark)
        return *more ? error_at(E_FAT_CHAIN_SHORT, "cluster", file->cluster) : BOOT_OK;
    if (!*more) return error_at(E_FAT_CHAIN_LONG, "cluster", file->cluster);
    if (!valid_cluster(entry)) return error_at(E_FAT_CHAIN_RANGE, "cluster", entry);
    file->cluster = entry;
    return BOOT_OK;
}

void fat_rewind(struct fat_file *file) {
    file->cluster = file->first_cluster;
    file->position = 0;
    file->run_position = 0;
    file->run = (struct fat_run){0, 0};
}

enum boot_error fat_next_run(struct fat_file *file, uint32_t max_sectors, struct fat_run *run) {
    bool more = true;

    *run = (struct fat_run){0, 0};
    if (file->position >= file->bytes) return BOOT_OK;
    if (!valid_cluster(file->cluster))
        return error_at(E_FAT_CHAIN_RANGE, "cluster", file->cluster);

    uint32_t neighbour = file->cluster;
    run->lba = cluster_lba(neighbour);
    do {
        run->sectors += volume.cluster_sectors;
        enum boot_error error = advance(file, &more);
        if (error) return error;
    } while (more && run->sectors < max_sectors && file->cluster == ++neighbour);
    if (!more) file->position = file->bytes;
    return BOOT_OK;
}

/* Makes file->run one that holds `offset`; goes back to the start of the chain only if it must. */
static enum boot_error find_run(struct fat_file *file, uint32_t offset) {
    if (offset < file->run_position || !file->run.sectors) fat_rewind(file);
    while ((offset - file->run_position) / SECTOR_SIZE >= file->run.sectors) {
        file->run_position = file->position;
        uint32_t wanted = (offset - file->position) / SECTOR_SIZE + 1;
        enum boot_error error = fat_next_run(file, wanted, &file->run);
        if (error) return error;
        if (!file->run.sectors) return E_FAT_CHAIN_SHORT;
    }
    return BOOT_OK;
}

enum boot_error fat_read(struct fat_file *file, uint32_t offset, void *buffer, uint32_t bytes) {
    uint8_t *out = buffer;
    const uint8_t *at;

    while (bytes) {
        enum boot_error error = find_run(file, offset);
        if (error) return error;
        uint32_t sector = (offset - file->run_position) / SECTOR_SIZE;
        error = look_at(&data_window, file->run.lba + sector, file->run.sectors - sector, &at);
        if (error) return error;
        uint32_t within = offset % SECTOR_SIZE;
        uint32_t part = SECTOR_SIZE - within < bytes ? SECTOR_SIZE - within : bytes;
        copy_bytes(out, at + within, part);
        out += part;
        offset += part;
        bytes -= part;
    }
    return BOOT_OK;
}

static char upper(char c) {
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Takes one name off the path, as the 11 characters of a directory entry. False: not 8.3. */
static bool take_name(const char **path, char name[11]) {
    int at = 0, end = 8;

    for (int i = 0; i < 11; i++) name[i] = ' ';
    for (; **path && **path != '/'; (*path)++) {
        if (**path == '.' && end == 8 && at > 0 && name[0] != '.') { /* ".." is a name */
            at = 8;
            end = 11;
        } else if (at < end) {
            name[at++] = upper(**path);
        } else {
            return false;
        }
    }
    if (**path == '/') (*path)++;
    return at > 0;
}

enum search_result { NOT_HERE, FOUND, END_OF_DIRECTORY };

/* Looks for `name` in one sector of a directory. */
static void search_sector(const uint8_t *sector, const char name[11],
                          struct fat_directory_entry *found, enum search_result *result) {
    const struct fat_directory_entry *entries = (const void *)sector;

    for (uint32_t i = 0; i < ENTRIES_PER_SECTOR && *result == NOT_HERE; i++) {
        if ((uint8_t)entries[i].name[0] == ENTRY_END) *result = END_OF_DIRECTORY;
        if ((uint8_t)entries[i].name[0] == ENTRY_DELETED) continue;
        if (entries[i].attributes & ATTRIBUTE_VOLUME_ID) continue;
        if (!same_bytes(entries[i].name, name, sizeof(entries[i].name))) continue;
        *found = entries[i];
        *result = FOUND;
    }
}

/* The window that has sector `lba` of a directory, or the one to read it into. */
static struct window *directory_window(uint32_t lba) {
    static uint32_t last;

    if (!holds(&directory_windows[last], lba)) last ^= 1;
    return &directory_windows[last];
}

/* Looks for `name` in the sectors of a run. */
static enum boot_error search_run(struct fat_run run, const char name[11],
                                  struct fat_directory_entry *found,
                                  enum search_result *result) {
    const uint8_t *sector;

    for (uint32_t i = 0; i < run.sectors && *result == NOT_HERE; i++) {
        enum boot_error error = look_at(directory_window(run.lba + i), run.lba + i, 1, &sector);
        if (error) return error;
        search_sector(sector, name, found, result);
    }
    return BOOT_OK;
}

/*
 * A directory has no length of its own: its chain just ends. Walks it cluster by cluster, so that
 * the end of the directory is found before the end of the chain is looked at.
 */
static enum boot_error search_chain(uint32_t cluster, const char name[11],
                                    struct fat_directory_entry *found,
                                    enum search_result *result) {
    for (uint32_t bytes = 0; bytes < DIRECTORY_MAX_BYTES;
         bytes += volume.cluster_sectors * SECTOR_SIZE) {
        if (!valid_cluster(cluster)) return error_at(E_FAT_CHAIN_RANGE, "cluster", cluster);
        struct fat_run run = {cluster_lba(cluster), volume.cluster_sectors};
        enum boot_error error = search_run(run, name, found, result);
        if (error || *result != NOT_HERE) return error;
        error = fat_entry(cluster, &cluster);
        if (error || cluster >= volume.end_mark) return error;
    }
    return error_at(E_FAT_CHAIN_LONG, "cluster", cluster);
}

/* Looks for `name` in the directory that starts at `cluster`; 0 is the root directory. */
static enum boot_error search_directory(uint32_t cluster, const char name[11],
                                        struct fat_directory_entry *found) {
    enum search_result result = NOT_HERE;
    enum boot_error error;

    if (cluster == 0 && volume.entry_bits != 32)
        error = search_run((struct fat_run){volume.root_lba, volume.root_sectors}, name, found,
                           &result);
    else
        error = search_chain(cluster ? cluster : volume.root_cluster, name, found, &result);
    if (error) return error;
    return result == FOUND ? BOOT_OK : E_FILE_NOT_FOUND;
}

enum boot_error fat_open(const char *path, struct fat_file *file) {
    struct fat_directory_entry entry = {.attributes = ATTRIBUTE_DIRECTORY};
    uint32_t cluster = 0; /* the root directory */

    while (*path == '/') path++;
    while (*path) {
        char name[11];
        if (!(entry.attributes & ATTRIBUTE_DIRECTORY)) return E_NOT_A_DIRECTORY;
        if (!take_name(&path, name)) return E_FILE_NOT_FOUND;
        enum boot_error error = search_directory(cluster, name, &entry);
        if (error) return error;
        cluster = entry.first_cluster_low;
        if (volume.entry_bits == 32) cluster |= (uint32_t)entry.first_cluster_high << 16;
    }
    if (entry.attributes & ATTRIBUTE_DIRECTORY) return E_NOT_A_FILE;
    file->first_cluster = cluster;
    file->bytes = entry.bytes;
    fat_rewind(file);
    return BOOT_OK;
}
