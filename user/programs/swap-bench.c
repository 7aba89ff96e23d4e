/*
 * swap-bench.c: what it costs that a page goes to the disk, and that it comes back: the same
 * binary, as process 1, on Ascent and on Linux. It says when a part begins and ends, and waits for
 * a line each time: who runs the machine looks at its clocks then.
 *
 *   @SWAPBENCH store begin
 *   @SWAPBENCH store end pages=8192 in=0 out=8192 faults=0 ms=812
 *
 * On Linux the drivers of the disk are modules: /modules/list names them in order.
 */
#include "lib.h"

#define SWAPPED_PAGES 8192u /* 32 MB, beyond what memory has room for */

static void wait_for_line(void) {
    char c = 0;
    while (c != '\n' && c != '\r' && read(0, &c, 1) == 1) continue;
}

static void load_module(const char *path) {
    int32_t fd = open(path, O_RDONLY, 0), bytes = lseek(fd, 0, SEEK_END);
    if (fd < 0 || bytes <= 0) return;
    uint32_t at = get_pages((uint32_t)bytes / PAGE + 1);
    int32_t got = pread(fd, (void *)at, (uint32_t)bytes, 0);
    int32_t error = syscall(NR_init_module, at, got, "");
    if (error) complain("%s: %s\n", path, error_name(error));
    munmap(at, ((uint32_t)bytes / PAGE + 1) * PAGE);
    close(fd);
}

static void load_modules(void) {
    static char list[2048];
    if (read_file("/modules/list", list, sizeof list) <= 0) return;
    for (char *line = list, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = 0;
        load_module(line);
    }
}

static bool swap_begins(void) {
    static const char *const devices[] = {"/dev/boot2", "/dev/sda2"};
    for (int tries = 0; tries < 100; tries++) { /* Linux looks for disks in the background */
        for (int i = 0; i < 2; i++)
            if (!swapon(devices[i])) return true;
        sleep_ms(100);
    }
    return false;
}

static struct counts { uint32_t in, out, faults, ms; } begun;

static struct counts count(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (struct counts){file_number("/proc/vmstat", "pswpin "),
                           file_number("/proc/vmstat", "pswpout "), usage.major_faults, now_ms()};
}

static void begin(const char *name) {
    printf("@SWAPBENCH %s begin\n", name);
    wait_for_line();
    begun = count();
}

static void end(const char *name, uint32_t pages) {
    struct counts now = count();
    printf("@SWAPBENCH %s end pages=%u in=%u out=%u faults=%u ms=%u\n", name, pages,
           now.in - begun.in, now.out - begun.out, now.faults - begun.faults, now.ms - begun.ms);
    wait_for_line();
}

static void store(uint32_t at, uint32_t first, uint32_t pages) {
    for (uint32_t i = first; i < first + pages; i++) *(volatile uint32_t *)(at + i * PAGE) = i;
}

static void load(uint32_t at, uint32_t pages) {
    for (uint32_t i = 0; i < pages; i++)
        if (*(volatile uint32_t *)(at + i * PAGE) != i) printf("@SWAPBENCH WRONG: page %u\n", i);
}

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    mount("proc", "/proc", "proc");
    if (access("/dev/null", F_OK)) mount("devtmpfs", "/dev", "devtmpfs");
    load_modules();
    if (!swap_begins()) printf("@SWAPBENCH no swap\n");
    struct memory memory = memory_now();
    uint32_t fits = memory.available / (PAGE / 1024), pages = fits + SWAPPED_PAGES;
    printf("@SWAPBENCH memory=%u swap=%u\n", memory.available, memory.swap_free);
    uint32_t at = get_pages(pages);

    store(at, 0, fits); /* memory is full now */
    begin("out");
    store(at, fits, SWAPPED_PAGES);
    end("out", SWAPPED_PAGES);
    load(at, pages); /* all that comes in now has been out, and will not have to be written again */
    begin("in");
    load(at, pages);
    end("in", pages);
    store(at, 0, pages); /* from now on, what goes out has to be written */
    begin("both");
    store(at, 0, pages);
    end("both", pages);
    printf("@SWAPBENCH end\n");
    for (;;) pause();
}
