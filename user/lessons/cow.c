/*
 * cow.c: copy-on-write. fork() copies no page: both processes have the same frames, read-only. Only
 * who writes first gets a copy, and only of the page that it writes.
 */
#include "lib.h"

#define PAGES 64
#define WRITTEN 16

static uint32_t faults(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.minor_faults;
}

static uint32_t read_all(uint32_t at) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < PAGES; i++) sum += *(volatile uint32_t *)(at + i * PAGE);
    return sum;
}

static void write_pages(uint32_t at, uint32_t pages, uint32_t value) {
    for (uint32_t i = 0; i < pages; i++) *(volatile uint32_t *)(at + i * PAGE) = value;
}

static void child(uint32_t at) {
    uint32_t before = faults();
    read_all(at);
    printf("child:  read %d pages:              %u faults: they are the parent's frames\n", PAGES,
           faults() - before);
    before = faults();
    write_pages(at, WRITTEN, 7);
    printf("child:  wrote %d of them:           %u faults: a copy for each\n", WRITTEN,
           faults() - before);
    before = faults();
    write_pages(at, WRITTEN, 8);
    printf("child:  wrote the same again:       %u faults: they are its own now\n",
           faults() - before);
    _exit(0);
}

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    uint32_t at = mmap(0, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint32_t before = faults();
    write_pages(at, PAGES, 1);
    printf("parent: wrote %d pages:             %u faults: a frame for each\n", PAGES,
           faults() - before);
    int32_t pid = fork();
    if (!pid) child(at);
    waitpid(pid, NULL, 0);
    printf("parent: the child wrote 7 and 8; here the sum is %u: its writes are not seen\n",
           read_all(at));
    before = faults();
    write_pages(at, PAGES, 2);
    printf("parent: wrote all %d again:         %u faults: the last owner needs no copy, only\n"
           "        the right to write again\n",
           PAGES, faults() - before);
    return 0;
}
