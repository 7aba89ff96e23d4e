/*
 * swapper.c: a program four times as large as memory, and where its pages are meanwhile. It writes
 * numbers of its own to each page, and comes back for them three times: what has gone to the disk
 * has to be what went there.
 *
 *   swapper [MB] [passes]
 */
#include "lib.h"

#define COLUMNS 64u /* of the map: each is as many pages */
#define WORDS (PAGE / 4)
#define LOOKS 4u                  /* at the map in each pass */
#define LARGEST_KB (1024u * 1024) /* addresses are few, and time is short */

struct counts {
    uint32_t in, out, faults, milliseconds;
};

static struct counts count(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (struct counts){file_number("/proc/vmstat", "pswpin "),
                           file_number("/proc/vmstat", "pswpout "), usage.major_faults, now_ms()};
}

/* ---- what a page holds ---- */

static uint32_t number_of(uint32_t pass, uint32_t page, uint32_t word) {
    return (page * WORDS + word + pass * 7) * 2654435761u;
}

static void fill(uint32_t *page, uint32_t pass, uint32_t number) {
    for (uint32_t i = 0; i < WORDS; i++) page[i] = number_of(pass, number, i);
}

static bool holds(const uint32_t *page, uint32_t pass, uint32_t number) {
    uint32_t sum = 0, wanted = 0;
    for (uint32_t i = 0; i < WORDS; i++) {
        sum = (sum << 1 | sum >> 31) + page[i];
        wanted = (wanted << 1 | wanted >> 31) + number_of(pass, number, i);
    }
    return sum == wanted;
}

/* ---- where the pages are ---- */

static void show_map(uint32_t at, uint32_t pages, uint32_t done) {
    char map[COLUMNS + 1];
    struct places all = {0}, some;
    for (uint32_t i = 0; i < COLUMNS; i++) {
        uint32_t first = pages * i / COLUMNS, count = pages * (i + 1) / COLUMNS - first;
        if (!places_of(at + first * PAGE, count, &some)) return;
        map[i] = some.nowhere == count     ? ' '
                 : some.in_memory == count ? '#'
                 : some.in_swap == count   ? '.'
                                           : '+';
        all.in_memory += some.in_memory;
        all.in_swap += some.in_swap;
        all.nowhere += some.nowhere;
    }
    map[COLUMNS] = 0;
    printf("%3u%% |%s| %u %u %u\n", done * 100 / pages, map, all.in_memory, all.in_swap,
           all.nowhere);
}

/* Pass 0 writes; each later one checks what the one before it wrote, and writes anew. */
static uint32_t run_pass(uint32_t at, uint32_t pages, uint32_t pass) {
    uint32_t wrong = 0, looks = 0;
    for (uint32_t i = 0; i < pages; i++) {
        uint32_t *page = (uint32_t *)(at + i * PAGE);
        if (pass && !holds(page, pass - 1, i) && !wrong++)
            printf("page %u does not hold what was written to it\n", i);
        fill(page, pass, i);
        if ((i + 1) * LOOKS / pages == looks) continue;
        looks++;
        show_map(at, pages, i + 1);
    }
    return wrong;
}

static uint32_t run_passes(uint32_t at, uint32_t pages, uint32_t passes) {
    uint32_t wrong = 0;
    printf(
        "each sign is %u pages: # in memory, . in swap, + some here and some there; then how many\n"
        "pages are in memory, in swap, and nowhere yet\n",
        pages / COLUMNS);
    for (uint32_t pass = 0; pass < passes; pass++) {
        struct counts before = count();
        uint32_t wrong_here = run_pass(at, pages, pass);
        struct counts after = count();
        printf("pass %u of %u: %s; pages in %u, out %u; major faults %u; %u ms\n", pass + 1, passes,
               wrong_here ? "WRONG"
               : pass     ? "all sums right, written anew"
                          : "written",
               after.in - before.in, after.out - before.out, after.faults - before.faults,
               after.milliseconds - before.milliseconds);
        wrong += wrong_here;
    }
    return wrong;
}

/* Four times memory, if memory and swap together have room for that: an eighth stays for others. */
static uint32_t choose_pages(const struct memory *memory) {
    uint32_t room = (memory->available + memory->swap_free) / 8 * 7, wanted = memory->total * 4;
    printf("memory %u KB, %u KB of it to be had; swap %u KB, %u KB free\n", memory->total,
           memory->available, memory->swap_total, memory->swap_free);
    if (!memory->swap_total)
        printf(
            "there is no swap: nothing can go there, and the program stays smaller than memory\n");
    else if (wanted > room)
        printf("four times memory is %u KB; there is room for %u\n", wanted, room);
    if (wanted > room) wanted = room;
    if (wanted > LARGEST_KB) wanted = LARGEST_KB;
    if (memory->swap_total && wanted < memory->available)
        printf("memory is more than this program will use: try with less of it (-m 16)\n");
    return wanted / (PAGE / 1024);
}

int main(int argc, char **argv) {
    struct memory before = memory_now();
    uint32_t pages = choose_pages(&before), passes = 3;
    if (argc > 1) pages = parse_number(argv[1], 10) * (1024 * 1024 / PAGE);
    if (argc > 2) passes = parse_number(argv[2], 10);
    if (pages < COLUMNS) pages = COLUMNS;
    printf("this program wants %u KB, %u pages\n", pages * (PAGE / 1024), pages);
    uint32_t at = get_pages(pages);
    uint32_t wrong = run_passes(at, pages, passes);
    munmap(at, pages * PAGE);
    struct memory after = memory_now();
    printf("given back: swap %u KB free of %u\n", after.swap_free, after.swap_total);
    printf("@SWAPPER %s\n", wrong ? "wrong" : "right");
    return wrong != 0;
}
