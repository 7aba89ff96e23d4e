/*
 * swap_on.c: a swap area begins. Its header (ascent/swap_header.h) is checked first: whatever is wrong with
 * it, nothing is ever written to a device that is not known to be for swap. Hardware-free.
 */
#include <ascent/swap_header.h>
#include <lib/crc32.h>
#include <lib/errno.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/buddy.h>
#include <mm/reclaim.h>
#include <mm/swap_area.h>

static int read_header(struct block_device *device, struct swap_header **header);
static const char *wrong_with(struct swap_header *header, uint64_t pages);
static struct swap_area *free_area(const struct block_device *device, int *error);
static int next_priority(void);

int swap_on(struct block_device *device) {
    struct swap_header *header;
    int error = 0;
    struct swap_area *area = free_area(device, &error);

    if (!error) error = block_claim(device);
    if (error) return error;
    error = read_header(device, &header);
    if (!error) {
        if (!kswapd_start() || !swap_slots_make(area, header->last_page + 1)) error = -ENOMEM;
        free_page(header);
    }
    if (error) {
        block_release(device);
        return error;
    }
    area->priority = next_priority();
    area->transfers = area->failures = 0;
    area->closed = area->dead = false;
    area->device = device;
    printk("swap: %s: %u pages\n", device->name, area->slots - 1);
    return 0;
}

static struct swap_area *free_area(const struct block_device *device, int *error) {
    struct swap_area *found = NULL;

    for (unsigned i = 0; i < SWAP_AREAS; i++) {
        if (swap_areas[i].device == device) *error = -EBUSY;
        if (!swap_areas[i].device && !found) found = &swap_areas[i];
    }
    if (!found && !*error) *error = -EPERM;
    return found;
}

/* A page of its own, if all is right with it. */
static int read_header(struct block_device *device, struct swap_header **header) {
    struct page *page = alloc_pages(GFP_KERNEL, 0, OWNER_OTHER);
    const uint64_t pages = device->sectors / SECTORS_PER_PAGE;
    int error = 0;

    if (!page) return -ENOMEM;
    *header = page_address(page);
    memset(*header, 0, PAGE_SIZE);
    if (pages > 0) error = block_read(device, 0, SECTORS_PER_PAGE, &page, BLOCK_HLT);
    const char *wrong = error ? "its header cannot be read" : wrong_with(*header, pages);
    if (!wrong && !device->writable) wrong = "it is not to be written to";
    if (!wrong) return 0;
    printk("swap: %s: %s: not used, nothing was written\n", device->name, wrong);
    put_page(page);
    return error ? error : -EINVAL;
}

static const char *wrong_with(struct swap_header *header, uint64_t pages) {
    const uint32_t crc = header->crc;

    if (memcmp(header->magic, SWAP_MAGIC, SWAP_MAGIC_BYTES) != 0) return "no swap header";
    if (header->version != SWAP_VERSION) return "a swap header of another version";
    if (header->mark != SWAP_MARK) return "a swap header without a checksum (of Linux's mkswap?)";
    header->crc = 0;
    if (crc32_of(header, sizeof *header) != crc) return "its swap header is damaged: checksum";
    if (header->page_bytes != SWAP_PAGE_BYTES) return "a swap header for pages of another size";
    if (header->bad_pages) return "a swap header with a list of bad pages";
    if (header->last_page < SWAP_PAGES_MIN - 1) return "too few pages to swap to";
    if (header->last_page >= pages) return "its swap header is for more pages than there are";
    if (header->last_page >= SWAP_SLOTS_MAX) return "more pages than an entry can name";
    return NULL;
}

/* Below those that there are: the first to come is the first to be filled (swapon(2): -2, -3...). */
static int next_priority(void) {
    int lowest = -1;

    for (unsigned i = 0; i < SWAP_AREAS; i++)
        if (swap_areas[i].device && swap_areas[i].priority < lowest)
            lowest = swap_areas[i].priority;
    return lowest - 1;
}
