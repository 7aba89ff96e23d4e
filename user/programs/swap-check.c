/*
 * swap-check.c: programs that have less memory than they use, for the tests. Each checks that what
 * comes back is what went out; with a device, that nothing is left over afterwards.
 *
 *   swap-check passes MB [passes]         touch and check
 *   swap-check many N MB [passes]         N such programs at once
 *   swap-check survey MB                  which pages cannot be read back
 *   swap-check fork|protect|unmap|exec|exit|move|calls|discard|locked|again|shared|file MB
 *   swap-check all MB DEVICE              each of them, and the accounts before and after
 */
#include "lib.h"

#define WORDS (PAGE / 4)
#define PAGES_OF_MB 256u
#define RW (PROT_READ | PROT_WRITE)

static const char *case_name;
static uint32_t seed; /* no two programs write the same */

static uint32_t number_of(uint32_t round, uint32_t page, uint32_t word) {
    return (page * WORDS + word + round * 7 + seed) * 2654435761u;
}

static void fail(const char *what, uint32_t page) {
    printf("@SWAP %s WRONG: %s, page %u\n", case_name, what, page);
    _exit(1);
}

static void fill(uint32_t at, uint32_t first, uint32_t pages, uint32_t round) {
    for (uint32_t page = first; page < first + pages; page++) {
        uint32_t *words = (uint32_t *)(at + page * PAGE);
        for (uint32_t i = 0; i < WORDS; i++) words[i] = number_of(round, page, i);
    }
}

static void check_page(uint32_t at, uint32_t page, uint32_t round) {
    const uint32_t *words = (const uint32_t *)(at + page * PAGE);
    for (uint32_t i = 0; i < WORDS; i++)
        if (words[i] != number_of(round, page, i)) fail("not what was written", page);
}

static void check(uint32_t at, uint32_t first, uint32_t pages, uint32_t round) {
    for (uint32_t page = first; page < first + pages; page++) check_page(at, page, round);
}

static uint32_t filled(uint32_t pages) {
    uint32_t at = get_pages(pages);
    fill(at, 0, pages, 0);
    return at;
}

static void run_passes(uint32_t pages, uint32_t passes) {
    uint32_t at = filled(pages);
    for (uint32_t pass = 1; pass < passes; pass++) {
        for (uint32_t page = 0; page < pages; page++) {
            check_page(at, page, pass - 1);
            fill(at, page, 1, pass);
        }
    }
    check(at, 0, pages, passes - 1);
}

static void wait_for(int32_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    if (!status) return;
    printf("@SWAP %s WRONG: child: %s\n", case_name, describe_status(status));
    _exit(1);
}

/* ---- cases: each with more pages than there is memory ---- */

static void passes_case(uint32_t pages) {
    run_passes(pages, 3);
}

/* Half of the pages are out when the other process appears. Both check all, and write other halves.
 */
static void fork_case(uint32_t pages) {
    uint32_t at = filled(pages);
    int32_t child = fork();
    uint32_t own = child ? 0 : pages / 2, others = child ? pages / 2 : 0;
    check(at, 0, pages, 0);
    fill(at, own, pages / 2, child ? 1 : 2);
    check(at, own, pages / 2, child ? 1 : 2);
    check(at, others, pages / 2, 0);
    if (!child) _exit(0);
    wait_for(child);
    check(at, 0, pages / 2, 1);
    fill(at, 0, pages, 3); /* the last owner */
    check(at, 0, pages, 3);
}

static void protect_case(uint32_t pages) {
    uint32_t at = filled(pages);
    if (mprotect(at, pages * PAGE, PROT_READ)) fail("mprotect: read", 0);
    check(at, 0, pages, 0);
    if (mprotect(at, pages * PAGE, PROT_NONE)) fail("mprotect: none", 0);
    run_passes(pages / 2, 1); /* what has no rights goes out as well */
    if (mprotect(at, pages * PAGE, RW)) fail("mprotect: write", 0);
    check(at, 0, pages, 0);
    fill(at, 0, pages, 1);
    check(at, 0, pages, 1);
}

static void unmap_case(uint32_t pages) {
    uint32_t at = filled(pages), step = 16;
    for (uint32_t page = 0; page < pages; page += 2 * step)
        if (munmap(at + page * PAGE, step * PAGE)) fail("munmap", page);
    for (uint32_t page = step; page < pages; page += 2 * step) check(at, page, step, 0);
}

static void exec_case(uint32_t pages) {
    char *const arguments[] = {"swap-check", "passes", "1", "2", NULL};
    char *const environment[] = {NULL};
    int32_t child = fork();
    if (!child) {
        filled(pages);
        execve("/bin/swap-check", arguments, environment);
        _exit(1);
    }
    wait_for(child);
}

static void exit_case(uint32_t pages) {
    for (int i = 0; i < 3; i++) {
        int32_t child = fork();
        if (!child) {
            filled(pages);
            _exit(0);
        }
        wait_for(child);
    }
}

static void move_case(uint32_t pages) {
    uint32_t at = filled(pages);
    if (is_error(mmap(at + pages * PAGE, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)))
        fail("nothing in the way", pages);
    at = mremap(at, pages * PAGE, (pages + 256) * PAGE, MREMAP_MAYMOVE, 0);
    if (is_error(at)) fail("mremap", 0);
    check(at, 0, pages, 0);
}

/* The kernel itself reads and writes pages that are out. */
static void calls_case(uint32_t pages) {
    uint32_t at = filled(pages);
    int ends[2];
    pipe(ends);
    for (uint32_t page = 0; page + 1 < pages; page += 2) {
        uint32_t from = at + page * PAGE + 100, to = at + (page + 1) * PAGE + 100;
        if (write(ends[1], (void *)from, 1000) != 1000) fail("write", page);
        if (read(ends[0], (void *)to, 1000) != 1000) fail("read", page);
        if (memcmp((void *)from, (void *)to, 1000) != 0) fail("through a pipe", page);
        memset((void *)to, 0, 1000);
        uint32_t *words = (uint32_t *)(at + (page + 1) * PAGE);
        for (uint32_t i = 25; i < 275; i++) words[i] = number_of(0, page + 1, i);
    }
    check(at, 0, pages, 0);
}

static void discard_case(uint32_t pages) {
    uint32_t at = filled(pages);
    if (madvise(at, pages / 2 * PAGE, MADV_DONTNEED)) fail("madvise", 0);
    for (uint32_t page = 0; page < pages / 2; page++)
        if (*(volatile uint32_t *)(at + page * PAGE + 64)) fail("not zeros", page);
    check(at, pages / 2, pages - pages / 2, 0);
}

/* What is locked stays, however much others want. */
static void locked_case(uint32_t pages) {
    uint32_t at = filled(64);
    static uint8_t is_in[64];
    if (mlock(at, 64 * PAGE)) fail("mlock", 0);
    run_passes(pages, 2);
    if (mincore(at, 64 * PAGE, is_in)) fail("mincore", 0);
    for (uint32_t page = 0; page < 64; page++)
        if (!(is_in[page] & 1)) fail("a locked page is out", page);
    check(at, 0, 64, 0);
}

/* Clean pages that were read back and are thrown away again: nothing is written twice for nothing.
 */
static void again_case(uint32_t pages) {
    uint32_t at = filled(pages);
    for (int i = 0; i < 4; i++) check(at, 0, pages, 0);
}

/* Four processes have the same pages: each checks all of them, writes a quarter, and checks all again, after
 * it has given up half of its map and has it no more. */
#define SHARERS 4u

static void share(uint32_t at, uint32_t pages, uint32_t number, unsigned step) {
    uint32_t part = pages / SHARERS;

    if (step == 0) check(at, 0, pages, 0);
    if (step == 1) fill(at, number * part, part, 1);
    if (step == 2 && munmap(at + number * part * PAGE, part * PAGE)) fail("munmap", number * part);
    for (uint32_t i = 0; step == 2 && i < SHARERS; i++)
        if (i != number) check(at, i * part, part, 1);
    _exit(0);
}

static void shared_case(uint32_t pages) {
    uint32_t at = mmap(0, pages * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int32_t children[SHARERS];

    if (is_error(at)) fail("mmap", 0);
    fill(at, 0, pages, 0);
    for (unsigned step = 0; step < 3; step++) {
        for (uint32_t i = 0; i < SHARERS; i++)
            if (!(children[i] = fork())) share(at, pages, i, step);
        for (uint32_t i = 0; i < SHARERS; i++) wait_for(children[i]);
    }
    check(at, 0, pages, 1);
}

/* A file of tmpfs: written and read, mapped both ways, made shorter and longer again. */
#define MOUNT "/tmp/swap-check"

static void check_read(int file, uint32_t page, uint32_t round) {
    static uint32_t there[WORDS];

    if (pread(file, there, PAGE, page * PAGE) != (int32_t)PAGE) fail("pread", page);
    for (uint32_t i = 0; i < WORDS; i++)
        if (there[i] != number_of(round, page, i)) fail("the file has something else", page);
}

static void check_maps(int file, uint32_t pages) {
    uint32_t shared = mmap(0, pages * PAGE, RW, MAP_SHARED, file, 0);
    uint32_t private = mmap(0, pages * PAGE, RW, MAP_PRIVATE, file, 0);

    if (is_error(shared) || is_error(private)) fail("mmap", 0);
    check(private, 0, pages, 0);
    fill(private, 0, pages / 4, 1);
    check(shared, 0, pages, 0); /* the file has nothing of it */
    fill(shared, pages / 4, pages - pages / 4, 2);
    check(private, 0, pages / 4, 1);
    check(private, pages / 4, pages - pages / 4, 2); /* as it has no copies of these */
    munmap(shared, pages * PAGE);
    munmap(private, pages * PAGE);
}

static void check_length(int file, uint32_t pages) {
    static uint32_t there[WORDS];
    uint32_t half = pages / 2, page;

    if (ftruncate(file, half * PAGE + 400) || ftruncate(file, pages * PAGE)) fail("ftruncate", half);
    for (page = pages / 4; page < half; page++) check_read(file, page, 2);
    if (pread(file, there, PAGE, half * PAGE) != (int32_t)PAGE) fail("pread", half);
    for (uint32_t i = 0; i < WORDS; i++)
        if (there[i] != (i < 100 ? number_of(2, half, i) : 0)) fail("the end is not zeros", half);
    for (page = half + 1; page < pages; page++)
        if (pread(file, there, PAGE, page * PAGE) != (int32_t)PAGE || there[0] || there[WORDS - 1])
            fail("what was cut off is there", page);
}

static void file_case(uint32_t pages) {
    static uint32_t words[WORDS];

    mkdir(MOUNT, 0755);
    if (mount_with("tmpfs", MOUNT, "tmpfs", "size=1g")) fail("mount", 0);
    int file = open(MOUNT "/file", O_RDWR | O_CREAT, 0600);
    for (uint32_t page = 0; page < pages; page++) {
        for (uint32_t i = 0; i < WORDS; i++) words[i] = number_of(0, page, i);
        if (pwrite(file, words, PAGE, page * PAGE) != (int32_t)PAGE) fail("pwrite", page);
    }
    for (uint32_t page = 0; page < pages; page++) check_read(file, page, 0);
    check_maps(file, pages);
    check_length(file, pages);
    close(file);
    if (unlink(MOUNT "/file") || umount(MOUNT)) fail("umount", 0);
}

static const struct {
    const char *name;
    void (*body)(uint32_t pages);
} cases[] = {
    {"passes", passes_case}, {"fork", fork_case},   {"protect", protect_case},
    {"unmap", unmap_case},   {"exec", exec_case},   {"exit", exit_case},
    {"move", move_case},     {"calls", calls_case}, {"discard", discard_case},
    {"locked", locked_case}, {"again", again_case}, {"shared", shared_case},
    {"file", file_case},
};
#define CASES (sizeof cases / sizeof *cases)

/* In a child, so that nothing of it stays. */
static bool run(uint32_t index, uint32_t pages) {
    int status = 0;
    int32_t child = fork();
    case_name = cases[index].name;
    if (!child) {
        seed = (uint32_t)getpid() * 1000003;
        cases[index].body(pages);
        _exit(0);
    }
    waitpid(child, &status, 0);
    if (status)
        printf("@SWAP %s ended: %s\n", case_name, describe_status(status));
    else
        printf("@SWAP %s right\n", case_name);
    return !status;
}

static int many(uint32_t programs, uint32_t pages, uint32_t passes) {
    uint32_t failed = 0;
    int status;
    case_name = "many";
    for (uint32_t i = 0; i < programs; i++) {
        if (fork()) continue;
        seed = (uint32_t)getpid() * 1000003;
        run_passes(pages, passes);
        _exit(0);
    }
    while (waitpid(-1, &status, 0) > 0) {
        if (!status) continue;
        failed++;
        printf("@SWAP many: a child: %s\n", describe_status(status));
    }
    printf("@SWAP many %s\n", failed ? "WRONG" : "right");
    return failed != 0;
}

/* ---- a disk with bad sectors ---- */

#define SURVEY_PAGES 16u

static bool can_be_read(uint32_t at, uint32_t first, uint32_t pages) {
    int status = 0;
    int32_t child = fork();
    if (!child) {
        check(at, first, pages, 0);
        _exit(0);
    }
    waitpid(child, &status, 0);
    if (status && status != SIGBUS) {
        printf("@SWAP survey WRONG: child: %s\n", describe_status(status));
        _exit(1);
    }
    return !status;
}

static uint32_t count_lost(uint32_t at, uint32_t first, uint32_t pages) {
    uint32_t half = pages / 2;
    if (can_be_read(at, first, pages)) return 0;
    return half ? count_lost(at, first, half) + count_lost(at, first + half, half) : 1;
}

/* Others look at the pages, some each: who needs one that cannot be read ends, and nobody else. */
static int survey(uint32_t pages) {
    uint32_t lost = 0;
    mlockall(MCL_CURRENT);
    uint32_t at = filled(pages);
    for (uint32_t page = 0; page < pages; page += SURVEY_PAGES)
        lost += count_lost(at, page, SURVEY_PAGES);
    printf("@SWAP survey: %u of %u pages are lost\n", lost, pages);
    return 0;
}

/* ---- the accounts: without swap there is nothing between a page and its frame ---- */

struct accounts {
    uint32_t anonymous, available;
};

static struct accounts accounts_without(const char *device) {
    int32_t error = swapoff(device);
    if (error) printf("@SWAP swapoff: %s\n", error_name(error));
    return (struct accounts){file_number("/proc/meminfo", "AnonPages:"),
                             file_number("/proc/meminfo", "MemAvailable:")};
}

static int all(uint32_t pages, const char *device) {
    uint32_t failed = 0;
    accounts_without(device);
    swapon(device);
    run(0, pages); /* what the kernel allocates once is there then */
    struct accounts before = accounts_without(device);
    if (swapon(device)) failed++;
    for (uint32_t i = 0; i < CASES; i++) failed += !run(i, pages);
    struct memory used = memory_now();
    struct accounts after = accounts_without(device);
    printf(
        "@SWAP accounts: anonymous %u -> %u KB, available %u -> %u KB, in swap at the end %u KB\n",
        before.anonymous, after.anonymous, before.available, after.available,
        used.swap_total - used.swap_free);
    if (before.anonymous != after.anonymous) failed++;
    if (swapon(device)) failed++;
    used = memory_now();
    if (used.swap_free != used.swap_total || !used.swap_total) failed++;
    printf("@SWAP all %s\n", failed ? "WRONG" : "right");
    return failed != 0;
}

int main(int argc, char **argv) {
    uint32_t numbers[3] = {0};
    for (int i = 2; i < argc && i < 5; i++) numbers[i - 2] = parse_number(argv[i], 10);
    case_name = argc > 1 ? argv[1] : "";
    if (argc > 3 && !strcmp(case_name, "all")) return all(numbers[0] * PAGES_OF_MB, argv[3]);
    if (argc > 3 && !strcmp(case_name, "many"))
        return many(numbers[0], numbers[1] * PAGES_OF_MB, argc > 4 ? numbers[2] : 3);
    if (argc > 2 && !strcmp(case_name, "survey")) return survey(numbers[0] * PAGES_OF_MB);
    if (argc > 3 && !strcmp(case_name, "passes")) {
        seed = (uint32_t)getpid() * 1000003;
        run_passes(numbers[0] * PAGES_OF_MB, numbers[1]);
        printf("@SWAP passes right\n");
        return 0;
    }
    for (uint32_t i = 0; argc > 2 && i < CASES; i++)
        if (!strcmp(case_name, cases[i].name)) return !run(i, numbers[0] * PAGES_OF_MB);
    complain("swap-check: which case, with how many MB?\n");
    return 1;
}
