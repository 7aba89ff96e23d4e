/*
 * chain.c: from cluster to cluster: the chains of files and directories on a FAT volume. A chain is
 * checked as it is walked: each cluster within the partition, an end exactly where the file ends. A
 * chain that loops never has an end, so it is found by the same check.
 */
#include <ascent/fat.h>

#define FAT32_ENTRY_MASK 0x0FFFFFFFu

/* Where a cluster lies; E_FAT_CHAIN_RANGE: there is none with this number. */
static enum boot_error find_cluster(const struct fat_volume *volume, uint32_t cluster, uint32_t *lba) {
    cluster -= FAT_FIRST_CLUSTER; /* 0 and 1 wrap round */
    *lba = volume->data_lba + cluster * volume->cluster_sectors;
    if (cluster < volume->clusters) return BOOT_OK;
    return fat_damaged(E_FAT_CHAIN_RANGE, cluster + FAT_FIRST_CLUSTER);
}

enum boot_error fat_entry(struct fat_volume *volume, uint32_t cluster, uint32_t *entry) {
    uint32_t offset = cluster * (volume->entry_bits / 4) / 2;
    const uint8_t *at;

    enum boot_error error = fat_byte(volume, offset, &at);
    if (error) return error;
    if (volume->entry_bits == 32) {
        *entry = *(const uint32_t *)at & FAT32_ENTRY_MASK;
    } else if (volume->entry_bits == 16) {
        *entry = *(const uint16_t *)at;
    } else { /* one and a half bytes, which may lie in two sectors */
        uint32_t low = *at;
        error = fat_byte(volume, offset + 1, &at);
        if (error) return error;
        uint32_t both = low | (uint32_t)*at << 8;
        *entry = cluster & 1 ? both >> 4 : both & 0xFFF;
    }
    return BOOT_OK;
}

/* Goes from file->cluster to the next one; `more` is false when the file ends here. */
static enum boot_error advance(struct fat_volume *volume, struct fat_file *file, bool *more) {
    uint32_t entry;
    enum boot_error error = fat_entry(volume, file->cluster, &entry);

    if (error) return error;
    file->position += volume->cluster_sectors * SECTOR_SIZE;
    /* position 0: a file of 4 GB - 1 byte has wrapped round at the end of its last cluster */
    *more = file->position != 0 && file->position < file->bytes;
    if (*more != (entry < volume->end_mark))
        return fat_damaged(*more ? E_FAT_CHAIN_SHORT : E_FAT_CHAIN_LONG, file->cluster);
    file->cluster = entry;
    return BOOT_OK;
}

void fat_rewind(struct fat_file *file) {
    file->cluster = file->first_cluster;
    file->position = 0;
    file->run.sectors = 0;
}

enum boot_error fat_next_run(struct fat_volume *volume, struct fat_file *file,
                             uint32_t max_sectors) {
    struct fat_run *run = &file->run;
    bool more = true;

    run->sectors = 0;
    file->run_position = file->position;
    if (file->position >= file->bytes) return BOOT_OK;
    do {
        uint32_t lba;
        enum boot_error error = find_cluster(volume, file->cluster, &lba);
        if (error) return error;
        if (run->sectors == 0) run->lba = lba;
        if (lba != run->lba + run->sectors) return BOOT_OK; /* no neighbour */
        run->sectors += volume->cluster_sectors;
        error = advance(volume, file, &more);
        if (error) return error;
    } while (more && run->sectors < max_sectors);
    if (!more) file->position = file->bytes;
    return BOOT_OK;
}

enum boot_error fat_find_run(struct fat_volume *volume, struct fat_file *file, uint32_t offset) {
    if (offset < file->run_position || !file->run.sectors) fat_rewind(file);
    while ((offset - file->run_position) / SECTOR_SIZE >= file->run.sectors) {
        uint32_t wanted = (offset - file->position) / SECTOR_SIZE + 1;
        enum boot_error error = fat_next_run(volume, file, wanted);
        if (error) return error;
        if (!file->run.sectors) return E_FAT_CHAIN_SHORT;
    }
    return BOOT_OK;
}

/* ---- directories ---- */

enum boot_error fat_directory_next(struct fat_volume *volume, struct fat_directory *directory) {
    struct fat_run *run = &directory->run;
    uint32_t next = directory->cluster ? directory->cluster : volume->root_cluster;

    if (!run->sectors && !next) {
        *run = volume->root;
        return BOOT_OK;
    }
    if (run->sectors) {
        directory->position += run->sectors * SECTOR_SIZE;
        run->sectors = 0;
        if (!next) return BOOT_OK;
        enum boot_error error = fat_entry(volume, next, &next);
        if (error || next >= volume->end_mark) return error;
        if (directory->position >= DIRECTORY_MAX_BYTES)
            return fat_damaged(E_FAT_CHAIN_LONG, next);
    }
    directory->cluster = next;
    run->sectors = volume->cluster_sectors;
    return find_cluster(volume, next, &run->lba);
}
