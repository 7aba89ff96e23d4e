/*
 * exhaust.c: takes of each thing as much as there is. Each ends in an error that says so, or in the
 * end of who took too much; afterwards everything is back. Not for a computer that does other work.
 */
#include "lib.h"

#define RW (PROT_READ | PROT_WRITE)

static uint32_t free_kilobytes(void) {
    return file_number("/proc/meminfo", "MemFree:");
}

/* Each body runs in a child, so that nothing of it stays; it prints what it met. */

static void descriptors(void) {
    int32_t fd = 0;
    while (fd >= 0) fd = dup(0);
    printf("descriptors: %s\n", error_name(fd));
}

static void pipes(void) {
    int ends[2];
    int32_t error = 0;
    setrlimit(RLIMIT_NOFILE, &(struct rlimit){100, 100});
    while (!error) error = pipe(ends);
    printf("pipes: %s\n", error_name(error));
}

static void full_pipes(void) {
    static char bytes[65536];
    int ends[2];
    int32_t written = 1;
    for (int i = 0; i < 40 && written > 0; i++) {
        if (pipe2(ends, O_NONBLOCK)) break;
        written = write(ends[1], bytes, sizeof bytes);
    }
    printf("full pipes: %s\n", written > 0 ? "40" : error_name(written));
}

static void processes(void) {
    int32_t child = 0;
    uint32_t count = 0, ended = 0;
    setpgid(0, 0);
    while ((child = fork()) > 0) count++;
    if (!child) {
        pause();
        _exit(0);
    }
    handle(SIGTERM, SIG_IGN, 0);
    kill(0, SIGTERM);
    while (waitpid(-1, NULL, 0) > 0) ended++;
    printf("processes: %s, %s\n", child == -ENOMEM ? "EAGAIN" : error_name(child),
           ended == count && count > 20 ? "all have ended" : "some are missing");
}

static void areas(void) {
    uint32_t at = 0, count = 0;
    while (!is_error(at)) {
        at = mmap(0, PAGE, count++ & 1 ? PROT_READ : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    printf("areas: %s\n", error_name((int32_t)at));
}

static void addresses(void) {
    uint32_t at = 0;
    while (!is_error(at)) at = mmap(0, 16 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    printf("addresses: %s\n", error_name((int32_t)at));
}

static void heap(void) {
    uint32_t end = brk(0), step = 64 << 20;
    while (brk(end + step) == end + step) end += step;
    printf("heap: the end stays where it is\n");
}

static void memory(void) {
    for (;;) {
        uint32_t at = mmap(0, 1 << 20, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (is_error(at)) break;
        for (uint32_t i = 0; i < 1 << 20; i += PAGE) *(volatile char *)(at + i) = 1;
    }
    printf("memory: all addresses are in use, and there is memory left\n");
}

/* The kernel writes to pages that are not there yet: no error, but the same end. */
static void memory_by_read(void) {
    int zeros = open("/dev/zero", O_RDONLY, 0);
    int32_t got = 1;
    while (got > 0) {
        uint32_t at = mmap(0, 1 << 20, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (is_error(at)) break;
        got = read(zeros, (void *)at, 1 << 20);
    }
    printf("memory by read: %s\n", error_name(got));
}

static void touch(uint32_t bytes) {
    uint32_t at = mmap(0, bytes, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (uint32_t i = 0; i < bytes; i += PAGE) *(volatile char *)(at + i) = 1;
}

/* One has nearly all memory, and sleeps. Who then asks for some gets it. */
static void largest(void) {
    int ends[2], status = 0;
    char c;
    pipe(ends);
    int32_t child = fork();
    if (!child) {
        while (free_kilobytes() > 4096) touch(1 << 20);
        write(ends[1], "x", 1);
        for (;;) pause();
    }
    read(ends[0], &c, 1);
    touch(16 << 20);
    waitpid(child, &status, 0);
    printf("the largest: %s\n", describe_status(status));
}

static void locks(void) {
    int32_t fd = open("/tmp/exhaust", O_RDWR | O_CREAT | O_TRUNC, 0600), error = 0;
    unlink("/tmp/exhaust");
    for (int32_t at = 0; !error && at < 100000; at += 2) {
        const struct flock lock = {F_WRLCK, SEEK_SET, at, 1, 0};
        error = fcntl(fd, F_SETLK, (uint32_t)&lock);
    }
    printf("locks: %s\n", error_name(error));
}

static void files(void) {
    static char bytes[65536];
    int32_t fd = open("/tmp/exhaust", O_RDWR | O_CREAT | O_TRUNC, 0600);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){1 << 20, 1 << 20});
    handle(25 /* SIGXFSZ */, SIG_IGN, 0);
    int32_t written = 1;
    while (written > 0) written = write(fd, bytes, sizeof bytes);
    unlink("/tmp/exhaust");
    printf("file size: %s\n", error_name(written));
}

static void try(const char *name, void (*body)(void)) {
    int status = 0;
    uint32_t before = free_kilobytes();
    int32_t child = fork();
    if (!child) {
        body();
        _exit(0);
    }
    while (waitpid(child, &status, 0) == -EINTR) continue;
    if (status) printf("%s: %s\n", name, describe_status(status));
    sleep_ms(50); /* Linux gives memory back a little later */
    uint32_t after = free_kilobytes();
    if (after + 1024 < before) printf("%s: %u KB have not come back\n", name, before - after);
}

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    for (int round = 0; round < 2; round++) {
        try("descriptors", descriptors);
        try("pipes", pipes);
        try("full pipes", full_pipes);
        try("file size", files);
        try("processes", processes);
        try("areas", areas);
        try("addresses", addresses);
        try("heap", heap);
        try("locks", locks);
        try("memory", memory);
        try("memory by read", memory_by_read);
        try("the largest", largest);
    }
    printf("@EXHAUST end\n");
    return 0;
}
