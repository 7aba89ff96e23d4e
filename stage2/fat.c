/*
 * fat.c: files on a FAT12, FAT16 or FAT32 partition.
 *
 * mount -> open (directory by directory) -> runs of neighbouring clusters. What a volume, a chain and
 * a directory are is in fat/, which the kernel uses too; here is what reads them.
 */
#include "fat.h"

#include "boot.h"
#include "bytes.h"
#include "disk.h"
#include "error.h"

/* Sectors read at once: chains and headers mostly go forward. Names are found early in a directory. */
#define FAT_WINDOW_SECTORS 8
#define DATA_WINDOW_SECTORS 4

struct fat_volume fat_volume;

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

void fat_forget(void) {
    fat_window.sectors = data_window.sectors = 0;
    directory_windows[0].sectors = directory_windows[1].sectors = 0;
}

enum boot_error fat_mount(uint32_t lba, uint32_t sectors) {
    const uint8_t *bytes;

    fat_forget();
    enum boot_error error = look_at(&data_window, lba, 1, &bytes);
    if (error) return error;

    error = fat_volume_init(&fat_volume, (const void *)bytes, lba, sectors);
    if (!error && fat_volume.active_fat) workaround(WORKAROUND_FAT_COPY);
    return error;
}

/* Reads on from `sector` of the FAT; where that cannot be read, the next copy serves. */
static enum boot_error read_fat(uint32_t sector) {
    enum boot_error error = E_FAT_BPB;

    for (uint32_t tries = 0; tries < fat_volume.fat_copies; tries++) {
        uint32_t lba = fat_volume.fat_lba + fat_volume.fat_copy * fat_volume.fat_sectors + sector;
        error = move(&fat_window, sector, lba, fat_volume.fat_sectors - sector);
        if (!error) break;
        fat_volume.fat_copy = (fat_volume.fat_copy + 1) % fat_volume.fat_copies;
        workaround(WORKAROUND_FAT_COPY);
    }
    return error;
}

/* There is one volume only. */
enum boot_error fat_byte(struct fat_volume *volume, uint32_t offset, const uint8_t **at) {
    enum boot_error error = BOOT_OK;

    (void)volume;
    if (!holds(&fat_window, offset / SECTOR_SIZE)) error = read_fat(offset / SECTOR_SIZE);
    *at = fat_window.bytes + (offset - fat_window.first * SECTOR_SIZE);
    return error;
}

enum boot_error fat_damaged(enum boot_error error, uint32_t cluster) {
    return error_at(error, "cluster", cluster);
}

enum boot_error fat_read(struct fat_file *file, uint32_t offset, void *buffer, uint32_t bytes) {
    uint8_t *out = buffer;
    const uint8_t *at;

    while (bytes) {
        enum boot_error error = fat_find_run(&fat_volume, file, offset);
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

/* The entry of this name in one sector of a directory, or the one that ends it; else a null pointer. */
static const struct fat_directory_entry *search_sector(const uint8_t *sector, const char name[11]) {
    const struct fat_directory_entry *entry = (const void *)sector;

    for (uint32_t i = 0; i < ENTRIES_PER_SECTOR; i++, entry++) {
        if (entry->name[0] == ENTRY_END) return entry;
        if ((uint8_t)entry->name[0] == ENTRY_DELETED) continue;
        if (entry->attributes & ATTRIBUTE_VOLUME_ID) continue;
        if (same_bytes(entry->name, name, sizeof(entry->name))) return entry;
    }
    return 0;
}

/* The window that has sector `lba` of a directory, or the one to read it into. */
static struct window *directory_window(uint32_t lba) {
    static uint32_t last;

    if (!holds(&directory_windows[last], lba)) last ^= 1;
    return &directory_windows[last];
}

/* The same in a run of sectors. */
static enum boot_error search_run(struct fat_run run, const char name[11],
                                  const struct fat_directory_entry **found) {
    const uint8_t *sector;

    *found = 0;
    for (; run.sectors && !*found; run.sectors--, run.lba++) {
        enum boot_error error = look_at(directory_window(run.lba), run.lba, 1, &sector);
        if (error) return error;
        *found = search_sector(sector, name);
    }
    return BOOT_OK;
}

/* Looks for `name` in the directory that starts at `cluster`; 0 is the root directory. */
static enum boot_error search_directory(uint32_t cluster, const char name[11],
                                        const struct fat_directory_entry **found) {
    struct fat_directory directory = {.cluster = cluster};

    do {
        enum boot_error error = fat_directory_next(&fat_volume, &directory);
        if (!error) error = search_run(directory.run, name, found);
        if (error) return error;
        if (*found && (*found)->name[0] == ENTRY_END) return E_FILE_NOT_FOUND;
        if (*found) return BOOT_OK;
    } while (directory.run.sectors);
    return E_FILE_NOT_FOUND;
}

enum boot_error fat_open(const char *path, struct fat_file *file) {
    static const struct fat_directory_entry root = {.attributes = ATTRIBUTE_DIRECTORY};
    const struct fat_directory_entry *entry = &root;
    uint32_t cluster = 0; /* of the root directory */

    while (*path == '/') path++;
    while (*path) {
        char name[11];
        if (!(entry->attributes & ATTRIBUTE_DIRECTORY)) return E_NOT_A_DIRECTORY;
        if (!take_name(&path, name)) return E_FILE_NOT_FOUND;
        enum boot_error error = search_directory(cluster, name, &entry);
        if (error) return error;
        cluster = fat_first_cluster(&fat_volume, entry);
    }
    if (entry->attributes & ATTRIBUTE_DIRECTORY) return E_NOT_A_FILE;
    file->first_cluster = cluster;
    file->bytes = entry->bytes;
    fat_rewind(file);
    return BOOT_OK;
}
