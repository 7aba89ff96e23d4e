/*
 * thrash.c: what becomes of a program whose working set, the pages that it uses again and again, is
 * a little larger than memory. In turn from first to last and again from the first, each page has
 * just gone when it is needed next: whoever takes the page that was not used for longest takes the
 * one that is wanted soonest. At random only those pages are missed that there was no room for.
 *
 *   thrash [seconds]    for each line; 2
 */
#include "lib.h"

struct result {
    uint32_t touched, faults, milliseconds;
};

static uint32_t major_faults(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.major_faults;
}

/* Numerical Recipes' generator: the same pages in each run. */
static uint32_t random_number(void) {
    static uint32_t state = 1;
    state = state * 1664525u + 1013904223u;
    return state >> 8;
}

/* For so long; at least a millisecond. */
static struct result use(uint32_t at, uint32_t pages, bool at_random, uint32_t milliseconds) {
    uint32_t next = 0, begin = now_ms(), faults = major_faults();
    struct result result = {0, 0, 1};
    do {
        for (int i = 0; i < 32; i++) {
            uint32_t page = at_random ? random_number() % pages : next++ % pages;
            ++*(volatile uint32_t *)(at + page * PAGE);
        }
        result.touched += 32;
        result.milliseconds = now_ms() - begin;
    } while (result.milliseconds < milliseconds);
    result.faults = major_faults() - faults;
    return result;
}

static void touch_all(uint32_t at, uint32_t pages) {
    for (uint32_t i = 0; i < pages; i++) *(volatile uint32_t *)(at + i * PAGE) = i;
}

/* Of 1000 pages that were touched, how many had to be read? */
static uint32_t per_thousand(const struct result *result) {
    return (uint32_t)((uint64_t)result->faults * 1000 / result->touched);
}

static uint32_t per_second(uint32_t count, const struct result *result) {
    return (uint32_t)((uint64_t)count * 1000 / result->milliseconds);
}

static void show(uint32_t percent, uint32_t pages, bool at_random, uint32_t milliseconds) {
    uint32_t at = get_pages(pages);
    touch_all(at, pages);
    struct result result = use(at, pages, at_random, milliseconds);
    printf("%6u%% %8u  %-9s %12u %9u %10u\n", percent, pages * (PAGE / 1024),
           at_random ? "at random" : "in turn", per_second(result.touched, &result),
           per_second(result.faults, &result), per_thousand(&result));
    munmap(at, pages * PAGE);
}

int main(int argc, char **argv) {
    static const uint32_t percents[] = {50, 80, 110, 130};
    uint32_t seconds = argc > 1 ? parse_number(argv[1], 10) : 2;
    if (!seconds) seconds = 1;
    struct memory memory = memory_now();
    uint32_t room = (memory.available + memory.swap_free) / 8 * 7;
    printf("memory to be had: %u KB; swap: %u KB free\n", memory.available, memory.swap_free);
    if (!memory.swap_total)
        printf("there is no swap: more than memory would end a program, so only less is tried\n");
    printf("   set       KB  order     touched/s  faults/s  per 1000\n");
    for (uint32_t i = 0; i < sizeof percents / sizeof *percents; i++) {
        uint32_t kilobytes = (uint32_t)((uint64_t)memory.available * percents[i] / 100);
        if (kilobytes > room) {
            printf("%6u%% %8u  no room: swap has %u KB\n", percents[i], kilobytes,
                   memory.swap_free);
            continue;
        }
        show(percents[i], kilobytes / (PAGE / 1024), false, seconds * 1000);
        show(percents[i], kilobytes / (PAGE / 1024), true, seconds * 1000);
    }
    return 0;
}
