/*
 * mkswap.c: writes the header of a swap area (include/ascent/swap_header.h) to a partition.
 *
 *   mkswap device
 *
 * Whatever it held is lost. The kernel lets nobody write to a partition that is not of type 82h.
 */
#include <ascent/swap_header.h>

#include "lib.h"

/* CRC-32 of zip and gzip, a bit at a time: this is done once. */
static uint32_t crc32(const void *data, uint32_t bytes) {
    const uint8_t *at = data;
    uint32_t crc = 0xFFFFFFFF;
    while (bytes--) {
        crc ^= *at++;
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

/* Is the device one of those that /proc/swaps lists? Links have other names, but lead to the same.
 */
static bool is_in_use(const struct stat64 *device) {
    static char text[1024];
    struct stat64 other;
    if (read_file("/proc/swaps", text, sizeof text) <= 0) return false;
    for (char *line = strchr(text, '\n'); line && line[1]; line = strchr(line, '\n')) {
        char *name = ++line, *end = strchr(name, ' ');
        if (!end) break;
        *end = 0;
        if (!stat(name, &other) && other.rdev == device->rdev) return true;
        line = end + 1;
    }
    return false;
}

static void fill(struct swap_header *header, uint32_t pages) {
    header->version = SWAP_VERSION;
    header->last_page = pages - 1;
    header->mark = SWAP_MARK;
    header->page_bytes = SWAP_PAGE_BYTES;
    memcpy(header->label, "ASCENT", 6);
    memcpy(header->magic, SWAP_MAGIC, SWAP_MAGIC_BYTES);
    header->crc = crc32(header, sizeof *header);
}

static int fail(const char *device, const char *why) {
    complain("mkswap: %s: %s\n", device, why);
    return 1;
}

int main(int argc, char **argv) {
    static struct swap_header header;
    struct stat64 status;
    uint32_t sectors = 0;
    if (argc != 2) return fail("usage", "mkswap device");
    const char *device = argv[1];
    int32_t fd = open(device, O_RDWR, 0);
    if (fd < 0) return fail(device, error_name(fd));
    int32_t error = fstat(fd, &status);
    if (error) return fail(device, error_name(error));
    if ((status.mode & S_IFMT) != S_IFBLK) return fail(device, "not a partition");
    if (is_in_use(&status)) return fail(device, "in use: swapoff it first");
    error = ioctl(fd, BLKGETSIZE, &sectors);
    if (error) return fail(device, error_name(error));
    uint32_t pages = sectors / (SWAP_PAGE_BYTES / 512);
    if (pages < SWAP_PAGES_MIN) return fail(device, "too small");
    fill(&header, pages);
    int32_t written = pwrite(fd, &header, sizeof header, 0);
    if (written < 0) return fail(device, error_name(written));
    if (written != sizeof header) return fail(device, "not all of the header was written");
    error = syscall(NR_fsync, fd);
    if (error) return fail(device, error_name(error));
    printf("%s: room for %u pages, %u KB\n", device, pages - 1, (pages - 1) * 4);
    return 0;
}
