/*
 * block.c: which devices there are, and the way of a request to the driver of its disk: what lies
 * outside of a device, or is not to be written to, is refused before a driver sees it.
 */
#include <block/block.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/page.h>
#include <proc/task.h>

_Static_assert(PAGE_SIZE == SECTORS_PER_PAGE * SECTOR_BYTES, "sectors of a page");

struct block_device *block_devices;

/* ---- requests ---- */

static struct block_device *disk_of(struct block_device *device) {
    return device->disk ? device->disk : device;
}

static void count(struct block_counters *counters, bool write, uint32_t sectors, uint64_t ns,
                  int error) {
    if (error) {
        counters->errors++;
    } else if (write) {
        counters->writes++;
        counters->sectors_written += sectors;
        counters->write_ns += ns;
    } else {
        counters->reads++;
        counters->sectors_read += sectors;
        counters->read_ns += ns;
    }
}

/* What the driver takes at once; `sector` counts on the device. */
static int request(struct block_device *device, bool write, uint64_t sector, uint32_t sectors,
                   struct page *const *pages, enum block_wait wait) {
    struct block_device *disk = disk_of(device);
    uint64_t began = clock_monotonic();

    int error = disk->dead ? -EIO
                           : disk->driver->transfer(disk, write, device->start + sector, sectors,
                                                    pages, wait);
    uint64_t ns = clock_monotonic() - began;
    count(&device->counters, write, sectors, ns, error);
    if (disk != device) count(&disk->counters, write, sectors, ns, error);
    return error;
}

static int transfer(struct block_device *device, bool write, uint64_t sector, uint32_t sectors,
                    struct page *const *pages, enum block_wait wait) {
    uint32_t most = disk_of(device)->driver->max_sectors;
    int error = 0;

    if (sector > device->sectors || sectors > device->sectors - sector) return -ENXIO;
    if (write && !device->writable) return -EPERM;
    while (sectors && !error) {
        uint32_t part = sectors < most ? sectors : most;
        error = request(device, write, sector, part, pages, wait);
        sector += part;
        sectors -= part;
        pages += part / SECTORS_PER_PAGE; /* a part that is no whole page is the last one */
    }
    return error;
}

int block_read(struct block_device *device, uint64_t sector, uint32_t sectors,
               struct page *const *pages, enum block_wait wait) {
    return transfer(device, false, sector, sectors, pages, wait);
}

int block_write(struct block_device *device, uint64_t sector, uint32_t sectors,
                struct page *const *pages, enum block_wait wait) {
    device->writes++;
    int error = transfer(device, true, sector, sectors, pages, wait);
    device->writes--;
    return error;
}

int block_flush(struct block_device *device, enum block_wait wait) {
    struct block_device *disk = disk_of(device);

    if (disk->dead) return -EIO;
    if (!disk->driver->flush) return 0;
    int error = disk->driver->flush(disk, wait);
    if (error)
        disk->counters.errors++;
    else
        disk->counters.flushes++;
    return error;
}

/* ---- who has it ---- */

struct block_device *block_find(const char *name) {
    for (struct block_device *device = block_devices; device; device = device->next)
        if (strcmp(device->name, name) == 0) return device;
    return 0;
}

struct block_device *block_find_number(uint32_t number) {
    for (struct block_device *device = block_devices; device; device = device->next)
        if (device->number == number) return device;
    return 0;
}

int block_claim(struct block_device *device) {
    if (device->claimed || device->writes) return -EBUSY;
    device->claimed = true;
    return 0;
}

void block_release(struct block_device *device) {
    device->claimed = false;
}
