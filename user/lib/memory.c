/*
 * memory.c: how much memory there is, and where the pages of a program are.
 */
#include "lib.h"

#define PAGEMAP_PRESENT ((uint64_t)1 << 63) /* Linux: Documentation/admin-guide/mm/pagemap.rst */
#define PAGEMAP_SWAPPED ((uint64_t)1 << 62)

struct memory memory_now(void) {
    return (struct memory){
        .total = file_number("/proc/meminfo", "MemTotal:"),
        .available = file_number("/proc/meminfo", "MemAvailable:"),
        .swap_total = file_number("/proc/meminfo", "SwapTotal:"),
        .swap_free = file_number("/proc/meminfo", "SwapFree:"),
    };
}

bool places_of(uint32_t address, uint32_t pages, struct places *places) {
    static uint64_t entries[256];
    uint32_t first = address / PAGE, done = 0;
    int32_t fd = open("/proc/self/pagemap", O_RDONLY, 0);
    *places = (struct places){0};
    while (fd >= 0 && done < pages) {
        uint32_t wanted = pages - done < 256 ? pages - done : 256;
        int32_t got = pread(fd, entries, wanted * 8, (first + done) * 8);
        if (got < 8) break;
        for (int32_t i = 0; i < got / 8; i++) {
            if (entries[i] & PAGEMAP_PRESENT)
                places->in_memory++;
            else if (entries[i] & PAGEMAP_SWAPPED)
                places->in_swap++;
            else
                places->nowhere++;
        }
        done += (uint32_t)got / 8;
    }
    if (fd >= 0) close(fd);
    return done == pages;
}

uint32_t get_pages(uint32_t pages) {
    uint32_t at = mmap(0, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (is_error(at)) {
        complain("no addresses for %u pages: %s\n", pages, error_name((int32_t)at));
        _exit(1);
    }
    return at;
}
