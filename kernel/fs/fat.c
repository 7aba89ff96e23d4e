/*
 * fat.c: a FAT file system comes and goes. See fat.h.
 */
#include <fs/fat.h>
#include <lib/errno.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/kmalloc.h>

#define SECTORS_MAX UINT32_MAX /* a FAT counts them with 32 bits */
#define INFO_FREE 488          /* FSI_Free_Count, in FAT32's FSInfo sector */

static void end(struct filesystem *fs) {
    struct fat_super *super = (struct fat_super *)fs;

    file_cache_drop(fs);
    if (super->sectors) inode_put(&super->sectors->inode);
}

static const struct filesystem_operations operations = {.end = end};

/* For FAT12 and FAT16 they are counted; FAT32 has the number written down, which may be wrong. */
static uint32_t free_clusters(struct fat_super *super, uint16_t info_sector) {
    struct fat_volume *volume = &super->volume;
    uint32_t free = 0, entry;

    if (volume->entry_bits == 32) {
        if (fat_copy(super, info_sector, INFO_FREE, &free, sizeof free)) return 0;
        return free <= volume->clusters ? free : 0;
    }
    for (uint32_t i = 0; i < volume->clusters; i++)
        if (!fat_entry(volume, FAT_FIRST_CLUSTER + i, &entry) && entry == 0) free++;
    return free;
}

/* What the boot sector says. */
static int read_boot_sector(struct fat_super *super, uint32_t sectors) {
    struct fat_boot_sector *boot = kmalloc(sizeof *boot, GFP_KERNEL);
    if (!boot) return -ENOMEM;

    int error = fat_copy(super, 0, 0, boot, sizeof *boot);
    enum boot_error wrong = error ? BOOT_OK : fat_volume_init(&super->volume, boot, 0, sectors);
    if (wrong) {
        fat_error(super, wrong);
        error = -EINVAL;
    }
    if (!error) {
        super->fs.block_bytes = super->volume.cluster_sectors * SECTOR_SIZE;
        super->fs.pages_max = super->volume.clusters;
        super->fs.pages = super->volume.clusters - free_clusters(super, boot->info_sector);
    }
    kfree(boot);
    return error;
}

static int fill(struct fat_super *super) {
    uint64_t sectors = super->device->sectors < SECTORS_MAX ? super->device->sectors : SECTORS_MAX;

    super->sectors = fat_sectors_new(super, sectors);
    if (!super->sectors) return -ENOMEM;
    int error = read_boot_sector(super, (uint32_t)sectors);
    if (error) return error;
    struct inode *root = fat_root(super);
    if (!root) return -ENOMEM;
    super->fs.root = dentry_new(0, "", 0, root);
    if (super->fs.root) return 0;
    inode_put(root);
    return -ENOMEM;
}

int fat_make(struct block_device *device, struct filesystem **fs) {
    struct fat_super *super = kzalloc(sizeof *super, GFP_KERNEL);

    if (!super) return -ENOMEM;
    super->device = device;
    super->fs.device = device->number;
    super->fs.source = device->name;
    super->fs.ops = &operations;
    super->fs.read_only = true;
    super->fs.inodes_max = UINT32_MAX;
    int error = fill(super);
    if (error) {
        end(&super->fs);
        kfree(super);
        return error;
    }
    *fs = &super->fs;
    return 0;
}
