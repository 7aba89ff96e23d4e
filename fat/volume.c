/*
 * volume.c: where the parts of a FAT file system lie, from its boot sector; nothing there is believed
 * before it fits the partition.
 *
 *   lba                fat_lba          root_lba            data_lba
 *   | boot sector, ... | FAT | FAT 2    | root directory    | cluster 2 | cluster 3 | ...
 *   | reserved_sectors | fat_sectors each | (not on FAT32)  | cluster_sectors each
 */
#include <ascent/fat.h>

#define FAT12_MAX_CLUSTERS 4084
#define FAT16_MAX_CLUSTERS 65524
#define FAT32_MAX_CLUSTERS 0x0FFFFFF5u

#define FLAGS_ONE_FAT 0x80 /* FAT32: the others are not kept up to date */
#define FLAGS_ACTIVE_FAT 0x0F

static bool looks_like_fat(const struct fat_boot_sector *boot) {
    return boot->signature == MBR_SIGNATURE && (boot->jump[0] == 0xEB || boot->jump[0] == 0xE9) &&
           boot->bytes_per_sector == SECTOR_SIZE && boot->fats != 0;
}

/* Has the FAT an entry for each cluster? In units of 4 bits, which 32 bits can count. */
static bool fat_is_large_enough(const struct fat_volume *volume) {
    uint32_t needed = (volume->clusters + FAT_FIRST_CLUSTER) * (volume->entry_bits / 4);

    return (needed - 1) / (SECTOR_SIZE * 2) < volume->fat_sectors;
}

/* Which of the copies of the FAT count. False: there is none such. */
static bool choose_fats(struct fat_volume *volume, const struct fat_boot_sector *boot) {
    volume->active_fat = boot->flags & FLAGS_ACTIVE_FAT;
    volume->fat_copies = 1;
    volume->fat_lba += volume->active_fat * volume->fat_sectors;
    return volume->active_fat < boot->fats;
}

/* How wide the entries of the FAT are. False: not with so many clusters, or such a root directory. */
static bool choose_width(struct fat_volume *volume, const struct fat_boot_sector *boot) {
    /*
     * The specification goes by the number of clusters alone, and says that FAT32 has 65525 or
     * more. mkfs.fat -F 32 makes smaller ones; Linux takes a volume without a 16-bit FAT size for
     * FAT32 (fs/fat/inode.c, fat_fill_super), and so do we. FFF8h and above end a chain; FFF7h is a
     * bad cluster (shown for 16 bits).
     */
    if (!boot->fat_sectors_16) {
        volume->entry_bits = 32;
        volume->end_mark = 0x0FFFFFF8;
        volume->root_cluster = boot->root_cluster;
        if (boot->flags & FLAGS_ONE_FAT && !choose_fats(volume, boot)) return false;
        return volume->clusters <= FAT32_MAX_CLUSTERS && !volume->root.sectors && volume->root_cluster;
    }
    if (volume->clusters <= FAT12_MAX_CLUSTERS) {
        volume->entry_bits = 12;
        volume->end_mark = 0xFF8;
    }
    return volume->clusters <= FAT16_MAX_CLUSTERS && volume->root.sectors;
}

enum boot_error fat_volume_init(struct fat_volume *volume, const struct fat_boot_sector *boot,
                                uint32_t lba, uint32_t sectors) {
    if (!looks_like_fat(boot)) return E_NOT_FAT;

    uint32_t total = boot->total_sectors_16 ? boot->total_sectors_16 : boot->total_sectors_32;
    *volume = (struct fat_volume){.fat_copies = boot->fats, .entry_bits = 16, .end_mark = 0xFFF8};
    volume->fat_sectors = boot->fat_sectors_16 ? boot->fat_sectors_16 : boot->fat_sectors_32;
    volume->cluster_sectors = boot->sectors_per_cluster;
    volume->root.sectors = (boot->root_entries + ENTRIES_PER_SECTOR - 1) / ENTRIES_PER_SECTOR;

    bool power_of_two = volume->cluster_sectors &&
                        !(volume->cluster_sectors & (volume->cluster_sectors - 1));
    uint32_t before_data = boot->reserved_sectors + volume->root.sectors;
    if (!power_of_two || !boot->reserved_sectors || !volume->fat_sectors || total > sectors ||
        (lba && sectors > 0 - lba) || /* a partition table has 32-bit LBAs */
        before_data >= total || volume->fat_sectors > (total - before_data - 1) / boot->fats)
        return E_FAT_BPB;
    before_data += boot->fats * volume->fat_sectors;

    volume->fat_lba = lba + boot->reserved_sectors;
    volume->data_lba = lba + before_data;
    volume->root.lba = volume->data_lba - volume->root.sectors;
    volume->clusters = (total - before_data) / volume->cluster_sectors;

    bool right = volume->clusters && choose_width(volume, boot) && fat_is_large_enough(volume);
    return right ? BOOT_OK : E_FAT_BPB;
}
