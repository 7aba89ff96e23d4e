/*
 * disks.c: the command disks: what went over each; with a name, reads all of one.
 */
#include <block/block.h>
#include <fs/vfs.h>
#include <lib/crc32.h>
#include <lib/printk.h>
#include <mm/kmap.h>
#include <monitor/commands.h>

#define SECTORS_AT_ONCE 64u
#define PAGES_AT_ONCE (SECTORS_AT_ONCE / SECTORS_PER_PAGE)

static void print_device(const struct block_device *device) {
    const struct block_counters *of = &device->counters;

    printk("%-9s %3u:%-3u   %02x %10llu %10llu %8u %9llu %8u %9llu %6u", device->name,
           device_major(device->number), device_minor(device->number), device->type, device->start,
           device->sectors, of->reads, of->sectors_read, of->writes, of->sectors_written,
           of->errors);
    printk("%s%s%s\n", device == block_boot ? " boot" : "", device->dead ? " dead" : "",
           device->claimed ? " claimed" : "");
    if (of->retries || of->resets)
        printk("          %u further tries, %u resets\n", of->retries, of->resets);
}

static void print_all(void) {
    if (!block_devices) {
        printk("No disk that the kernel has a driver for.\n");
        return;
    }
    printk("name      number type      first    sectors");
    printk("    reads   sectors   writes   sectors errors\n");
    for (const struct block_device *device = block_devices; device; device = device->next)
        print_device(device);
}

static uint32_t add_to_crc(uint32_t crc, struct page *const *pages, uint32_t sectors) {
    for (uint32_t left = sectors * SECTOR_BYTES; left; pages++) {
        uint32_t bytes = left < PAGE_SIZE ? left : PAGE_SIZE;
        crc = crc32_more(crc, page_address(*pages), bytes);
        left -= bytes;
    }
    return crc;
}

/* False: there is no memory for it. */
static bool take(struct page **pages) {
    for (unsigned i = 0; i < PAGES_AT_ONCE; i++) pages[i] = alloc_pages(GFP_KERNEL, 0, OWNER_OTHER);
    for (unsigned i = 0; i < PAGES_AT_ONCE; i++)
        if (!pages[i]) return false;
    return true;
}

static void give_back(struct page **pages) {
    for (unsigned i = 0; i < PAGES_AT_ONCE; i++)
        if (pages[i]) put_page(pages[i]);
}

static void read_all(struct block_device *device, struct page *const *pages) {
    const struct block_device *disk = device->disk ? device->disk : device;
    uint32_t crc = 0;

    for (uint64_t sector = 0; sector < device->sectors && !disk->dead; sector += SECTORS_AT_ONCE) {
        uint64_t left = device->sectors - sector;
        uint32_t sectors = left < SECTORS_AT_ONCE ? (uint32_t)left : SECTORS_AT_ONCE;
        if (block_read(device, sector, sectors, pages, BLOCK_HLT) == 0)
            crc = add_to_crc(crc, pages, sectors);
        else
            printk("sectors %llu to %llu cannot be read\n", sector, sector + sectors - 1);
    }
    printk("%s: %llu sectors, CRC-32 %08x of those that were read\n", device->name, device->sectors,
           crc);
}

bool command_disks(int argc, char **argv) {
    struct page *pages[PAGES_AT_ONCE];
    struct block_device *device = argc > 1 ? block_find(argv[1]) : 0;

    if (argc == 1) {
        print_all();
        return true;
    }
    if (!device) {
        printk("no disk %s; 'disks' lists them\n", argv[1]);
        return true;
    }
    if (take(pages))
        read_all(device, pages);
    else
        printk("no memory\n");
    give_back(pages);
    return true;
}
