/*
 * bench.c: what the kernel's services cost, the same binary on Ascent and on Linux. Each is
 * measured ROUNDS times; the least and the middle one are printed:
 *
 *   @BENCH fork-exit-wait least=... middle=...
 *
 * By the time-stamp counter: under QEMU's -icount that counts instructions, elsewhere cycles.
 */
#include "lib.h"

#define ROUNDS 11
#define RW (PROT_READ | PROT_WRITE)
#define COW_PAGES 256

static uint64_t now(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

static uint32_t map(uint32_t bytes) {
    return mmap(0, bytes, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void touch(uint32_t at, uint32_t pages) {
    for (uint32_t i = 0; i < pages; i++) *(volatile char *)(at + i * PAGE) = 1;
}

/* Each function answers how long one operation took. */

static uint64_t null_call(void) {
    uint64_t start = now();
    for (int i = 0; i < 100; i++) syscall(NR_getppid);
    return (now() - start) / 100;
}

static uint64_t anonymous_fault(void) {
    uint32_t at = map(64 * PAGE);
    uint64_t start = now();
    touch(at, 64);
    uint64_t time = now() - start;
    munmap(at, 64 * PAGE);
    return time / 64;
}

static uint64_t map_unmap(void) {
    uint64_t start = now();
    uint32_t at = map(64 << 10);
    munmap(at, 64 << 10);
    return now() - start;
}

static uint64_t map_touch_unmap(void) {
    uint64_t start = now();
    uint32_t at = map(64 << 10);
    touch(at, 16);
    munmap(at, 64 << 10);
    return now() - start;
}

static uint64_t fork_exit_wait(void) {
    uint64_t start = now();
    int32_t child = fork();
    if (!child) _exit(0);
    waitpid(child, NULL, 0);
    return now() - start;
}

static const char *self;

static uint64_t fork_exec_wait(void) {
    char *const argv[] = {"bench", "--exit", NULL};
    uint64_t start = now();
    int32_t child = fork();
    if (!child) {
        execve(self, argv, environ);
        _exit(1);
    }
    waitpid(child, NULL, 0);
    return now() - start;
}

/* Of one copied page, the fork and the rest taken off; and of a fork with 256 of them as a whole.
 */
static uint64_t *shared_time;

static uint64_t cow_fault(void) {
    uint32_t at = map(COW_PAGES * PAGE);
    touch(at, COW_PAGES);
    int32_t child = fork();
    if (!child) {
        uint64_t start = now();
        touch(at, COW_PAGES);
        *shared_time = now() - start;
        _exit(0);
    }
    waitpid(child, NULL, 0);
    munmap(at, COW_PAGES * PAGE);
    return *shared_time / COW_PAGES;
}

static uint64_t fork_and_copy_256(void) {
    uint32_t at = map(COW_PAGES * PAGE);
    touch(at, COW_PAGES);
    uint64_t start = now();
    int32_t child = fork();
    if (!child) {
        touch(at, COW_PAGES);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    uint64_t time = now() - start;
    munmap(at, COW_PAGES * PAGE);
    return time;
}

/* A byte to the other process and one back: two switches. */
static uint64_t pipe_round_trip(void) {
    int there[2], back[2];
    char c = 0;
    pipe(there);
    pipe(back);
    int32_t child = fork();
    if (!child) {
        close(there[1]);
        while (read(there[0], &c, 1) == 1) write(back[1], &c, 1);
        _exit(0);
    }
    write(there[1], &c, 1);
    read(back[0], &c, 1);
    uint64_t start = now();
    for (int i = 0; i < 20; i++) {
        write(there[1], &c, 1);
        read(back[0], &c, 1);
    }
    uint64_t time = now() - start;
    close(there[1]);
    close(there[0]);
    close(back[0]);
    close(back[1]);
    waitpid(child, NULL, 0);
    return time / 20;
}

/* Two processes that only give way to each other. */
static uint64_t context_switch(void) {
    volatile uint32_t *stop = (volatile uint32_t *)(shared_time + 1);
    *stop = 0;
    int32_t child = fork();
    if (!child) {
        while (!*stop) sched_yield();
        _exit(0);
    }
    sched_yield();
    uint64_t start = now();
    for (int i = 0; i < 50; i++) sched_yield();
    uint64_t time = now() - start;
    *stop = 1;
    waitpid(child, NULL, 0);
    return time / 100; /* there and back */
}

static volatile int caught;
static void on_signal(int signal) {
    caught = signal;
}

static uint64_t signal_round_trip(void) {
    int32_t self_pid = getpid();
    handle(SIGUSR1, on_signal, 0);
    uint64_t start = now();
    for (int i = 0; i < 20; i++) kill(self_pid, SIGUSR1);
    return (now() - start) / 20;
}

static uint64_t file_map_read(void) {
    int32_t fd = open("/tmp/bench", O_RDONLY, 0);
    uint64_t start = now();
    uint32_t at = mmap(0, 1 << 20, PROT_READ, MAP_PRIVATE, fd, 0), sum = 0;
    for (uint32_t i = 0; i < 256; i++) sum += *(volatile uint32_t *)(at + i * PAGE);
    munmap(at, 1 << 20);
    uint64_t time = now() - start;
    close(fd);
    return time + (sum & 0);
}

static uint64_t file_read(void) {
    static char buffer[64 << 10];
    int32_t fd = open("/tmp/bench", O_RDONLY, 0);
    uint64_t start = now();
    while (read(fd, buffer, sizeof buffer) > 0) continue;
    uint64_t time = now() - start;
    close(fd);
    return time;
}

static void make_file(void) {
    static char block[64 << 10];
    int32_t fd = open("/tmp/bench", O_RDWR | O_CREAT | O_TRUNC, 0644);
    for (int i = 0; i < 16; i++) write(fd, block, sizeof block);
    close(fd);
}

static void sort(uint64_t *values) {
    for (int i = 1; i < ROUNDS; i++)
        for (int j = i; j && values[j] < values[j - 1]; j--) {
            uint64_t value = values[j];
            values[j] = values[j - 1];
            values[j - 1] = value;
        }
}

static const struct {
    const char *name;
    uint64_t (*run)(void);
} benches[] = {
    {"null-call", null_call},
    {"anonymous-fault", anonymous_fault},
    {"map-unmap-64k", map_unmap},
    {"map-touch-unmap-64k", map_touch_unmap},
    {"fork-exit-wait", fork_exit_wait},
    {"fork-exec-wait", fork_exec_wait},
    {"cow-fault", cow_fault},
    {"fork-copy-256-pages", fork_and_copy_256},
    {"pipe-round-trip", pipe_round_trip},
    {"context-switch", context_switch},
    {"signal-round-trip", signal_round_trip},
    {"file-map-read-1m", file_map_read},
    {"file-read-1m", file_read},
};

int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "--exit")) return 0;
    self = (const char *)aux_value(AT_EXECFN);
    if (!self) self = argv[0];
    bool first = getpid() == 1;
    mkdir("/tmp", 01777);
    shared_time = (uint64_t *)mmap(0, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    make_file();
    for (size_t i = 0; i < sizeof benches / sizeof *benches; i++) {
        uint64_t times[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) times[round] = benches[i].run();
        sort(times);
        printf("@BENCH %s least=%llu middle=%llu\n", benches[i].name, times[0], times[ROUNDS / 2]);
    }
    unlink("/tmp/bench");
    printf("@BENCH end\n");
    if (first) syscall(NR_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, REBOOT_POWER_OFF, 0);
    return 0;
}
