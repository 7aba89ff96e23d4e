/*
 * boot_mount.c: /boot, the partition that we booted from. It is mounted when somebody first goes there:
 * most boots never do, and a disk that is slow or damaged does not hold up their start.
 */
#include <block/block.h>
#include <boot/boot.h>
#include <fs/vfs.h>
#include <lib/errno.h>
#include <lib/printk.h>

static struct block_device *boot_partition(void) {
    for (struct block_device *device = block_devices; device; device = device->next)
        if (device->disk && device->disk == block_boot && device->start == boot_info.partition_lba)
            return device;
    return 0;
}

void boot_mount_init(void) {
    struct walk walk = {.at = filesystems->root, .rest = "", .name = "boot", .length = 4};
    struct dentry *on = 0;

    if (dentry_lookup(walk.at, walk.name, walk.length, &on)) tree_make(&walk, S_IFDIR | 0755, 0, 0, &on);
    if (!on) return;
    on->automount = is_kind(on->inode, S_IFDIR);
    dentry_put(on);
}

void boot_mount(struct dentry *on) {
    struct block_device *device = boot_partition();
    struct filesystem *fs;

    on->automount = false; /* if it fails once, it is for mount(2) to try again */
    if (!device) {
        pr_warn("/boot stays empty: no driver for the disk that we booted from\n");
        return;
    }
    int error = fs_make("vfat", device, &fs);
    if (!error) error = fs_mount(fs, on);
    if (error) pr_warn("/boot stays empty: %s cannot be mounted: error %d\n", device->name, -error);
}
