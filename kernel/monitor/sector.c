/*
 * sector.c: the command sector: what lies on a disk, by the driver that the kernel has for it.
 */
#include <block/block.h>
#include <lib/printk.h>
#include <mm/buddy.h>
#include <mm/kmap.h>
#include <monitor/args.h>
#include <monitor/commands.h>
#include <monitor/dump.h>

static void print_sector(struct block_device *device, uint32_t number, struct page *page) {
    int error = block_read(device, number, 1, &page, BLOCK_HLT);

    if (error) {
        printk("%s: sector %u cannot be read (error %d)\n", device->name, number, -error);
        return;
    }
    const uint8_t *bytes = kmap(page);
    dump_print(bytes, 0, SECTOR_BYTES);
    kunmap(page);
}

bool command_sector(int argc, char **argv) {
    struct block_device *device = argc > 2 ? block_find(argv[1]) : block_boot;
    uint32_t number;

    if (!args_count(argv[argc - 1], &number)) return false;
    if (!device) {
        printk("%s; the kernel has:", argc > 2 ? "no such disk" : "not known where we came from");
        for (device = block_devices; device; device = device->next) printk(" %s", device->name);
        printk("\n");
        return true;
    }
    struct page *page = alloc_pages(GFP_KERNEL, 0, OWNER_OTHER);
    if (!page) {
        printk("no memory for a sector\n");
        return true;
    }
    print_sector(device, number, page);
    put_page(page);
    return true;
}
