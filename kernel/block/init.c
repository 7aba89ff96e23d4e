/*
 * init.c: looks for disks, a line a driver, and for the one that we came from.
 */
#include <ascent/chapter.h>
#include <bios/bios_disk.h>
#include <block/block.h>
#include <block/ramdisk.h>
#include <boot/boot.h>
#include <dev/ata.h>

/* The one whose partition begins where the loader has found its own, should the BIOS not tell. */
static struct block_device *find_boot(void) {
    struct block_device *found = 0;

    for (struct block_device *device = block_devices; device; device = device->next) {
        if (!device->disk || device->start != boot_info.partition_lba ||
            device->number - device->disk->number != boot_info.boot_partition)
            continue;
        if (found) return 0;
        found = device->disk;
    }
    return found;
}

void block_init(void) {
    ramdisk_init();
    if (chapter_has(28)) bios_disk_look();
    if (!bios_disk_wanted()) ata_init();
    struct block_device *boot = bios_disk_boot();
    block_set_boot(boot ? boot : find_boot());
}
