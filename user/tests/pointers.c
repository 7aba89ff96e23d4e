/*
 * pointers.c: bad addresses as arguments: EFAULT, and nothing else happens.
 */
#include "test.h"

/* A page that is followed by nothing. */
static uint32_t edge(void) {
    uint32_t at = map_pages(2);
    WORKS(munmap(at + PAGE, PAGE));
    return at + PAGE;
}

static uint32_t bad[5];
static int make_bad(void) {
    bad[0] = 0;
    bad[1] = 0x10000000;
    bad[2] = kernel_start();
    bad[3] = 0xFFFFF000;
    bad[4] = (uint32_t)mmap(0, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return 5;
}

void test_pointer_read(void) {
    int fd = make_file("/tmp/pointer", 100);
    for (int i = make_bad(); i--;) { FAILS(pread(fd, (void *)bad[i], 10, 0), EFAULT); }
    WORKS(unlink("/tmp/pointer"));
}

void test_pointer_write(void) {
    int fd = make_file("/tmp/pointer", 0);
    for (int i = make_bad(); i--;) FAILS(write(fd, (const void *)bad[i], 10), EFAULT);
    SAME(lseek(fd, 0, SEEK_END), 0);
    WORKS(unlink("/tmp/pointer"));
}

void test_pointer_read_into_code(void) {
    int fd = make_file("/tmp/pointer", 100);
    uint8_t was = *bytes_at((uint32_t)edge);
    FAILS(pread(fd, (void *)edge, 10, 0), EFAULT); /* the kernel may write there; it must not */
    SAME(*bytes_at((uint32_t)edge), was);
    WORKS(unlink("/tmp/pointer"));
}

void test_pointer_read_half_way(void) {
    int fd = make_file("/tmp/pointer", 8192);
    uint32_t end = edge();
    SAME(pread(fd, (void *)(end - 128), 128, 0), 128);
    int32_t got = pread(fd, (void *)(end - 128), 256, 0);
    CHECK((got > 0 && got <= 128) || got == -EFAULT);
    SAME(*bytes_at(end - 128), PATTERN(0));
    WORKS(unlink("/tmp/pointer"));
}

void test_pointer_write_half_way(void) {
    int fd = make_file("/tmp/pointer", 0);
    uint32_t end = edge();
    /* 128 bytes: with 100, Linux 6.1 for i386 goes round for ever (generic_perform_write() asks for
     * the page before the edge, and the copy in blocks of 64 bytes never gets as far as that). */
    memset((void *)(end - 128), 'x', 128);
    int32_t got = write(fd, (void *)(end - 128), 256);
    CHECK((got > 0 && got <= 128) || got == -EFAULT);
    WORKS(unlink("/tmp/pointer"));
}

void test_pointer_string_at_edge(void) {
    uint32_t end = edge();
    strcpy((char *)(end - 5), "/tmp");
    WORKS(access((const char *)(end - 5), F_OK)); /* its NUL is the last byte there is */
    *bytes_at(end - 1) = 'x';
    FAILS(access((const char *)(end - 5), F_OK), EFAULT);
}

void test_pointer_string_everywhere(void) {
    for (int i = make_bad(); i--;) {
        const char *at = (const char *)bad[i];
        FAILS(open(at, O_RDONLY, 0), EFAULT);
        FAILS(unlink(at), EFAULT);
        FAILS(mkdir(at, 0755), EFAULT);
        FAILS(chdir(at), EFAULT);
        FAILS(link("/tmp", at), EFAULT);
        FAILS(rename("/tmp", at), EFAULT);
        FAILS(symlink(at, "/tmp/x"), EFAULT);
        FAILS(execve(at, NULL, NULL), EFAULT);
    }
}

void test_pointer_structure_everywhere(void) {
    for (int i = make_bad(); i--;) {
        void *at = (void *)bad[i];
        FAILS(stat("/tmp", at), EFAULT);
        FAILS(fstat(1, at), EFAULT);
        FAILS(getrusage(RUSAGE_SELF, at), EFAULT);
        FAILS(syscall(NR_uname, at), EFAULT);
        FAILS(clock_gettime(CLOCK_MONOTONIC, at), EFAULT);
        FAILS(pipe(at), EFAULT);
        FAILS(nanosleep(at, NULL), EFAULT);
        FAILS(getrlimit(RLIMIT_STACK, at), EFAULT);
        FAILS(setrlimit(RLIMIT_STACK, at), EFAULT);
        FAILS(syscall(NR_sysinfo, at), EFAULT);
        FAILS(getcwd(at, 100), EFAULT);
        FAILS(readlink("/proc/self", at, 100), EFAULT);
        FAILS(writev(1, at, 1), EFAULT);
        FAILS(sigpending(at), EFAULT);
        FAILS(syscall(NR_set_thread_area, at), EFAULT);
    }
}

void test_pointer_null_is_allowed_where_it_is(void) {
    int32_t child = WORKS(fork());
    if (!child) _exit(0);
    SAME(wait4(child, NULL, 0, NULL), child);
    struct timespec none = {0, 0};
    WORKS(nanosleep(&none, NULL));
    WORKS(sigprocmask(SIG_BLOCK, NULL, NULL));
    WORKS(sigaction(SIGUSR1, NULL, NULL));
    WORKS(sigaltstack(NULL, NULL));
    CHECK(syscall(NR_time, NULL) > 0);
    WORKS(syscall(NR_gettimeofday, NULL, NULL));
}

void test_pointer_structure_across_edge(void) {
    struct stat64 *at = (struct stat64 *)(edge() - 40);
    FAILS(stat("/tmp", at), EFAULT);
    SAME(stat("/tmp", (struct stat64 *)((uint32_t)at + 40 - sizeof(struct stat64))), 0);
}

void test_pointer_wraps_round(void) {
    int fd = make_file("/tmp/pointer", 100);
    FAILS(write(fd, (const void *)0xFFFFFFF0, 0x100), EFAULT);
    FAILS(pread(fd, (void *)0xFFFFFFFF, 2, 0), EFAULT);
    FAILS(write(fd, (const void *)(kernel_start() - 4), 0x7FFFFFF0), EFAULT);
    WORKS(unlink("/tmp/pointer"));
}

void test_pointer_page_not_there_yet(void) {
    int fd = make_file("/tmp/pointer", 3 * PAGE);
    uint32_t at = map_pages(4), before = minor_faults();
    SAME(pread(fd, (void *)(at + 100), 3 * PAGE, 0), 3 * PAGE); /* the kernel brings them in */
    SAME(minor_faults() - before, 4);
    SAME(*bytes_at(at + 100 + 2 * PAGE), PATTERN(2 * PAGE));
    SAME(write(fd, (void *)map_pages(2), 2 * PAGE), 2 * PAGE);
    WORKS(unlink("/tmp/pointer"));
}

void test_pointer_in_every_probe_page(void) {
    /* xv6's validatetest: a bad string pointer in each page never does harm. */
    for (uint32_t at = 0; at < 1100 * 1024; at += PAGE) {
        int32_t answer = link((const char *)at, "/tmp/validate");
        CHECK(answer == -EFAULT || answer == -ENOENT);
    }
}

void test_pointer_prot_none_and_back(void) {
    int fd = make_file("/tmp/pointer", PAGE);
    uint32_t at = map_pages(1);
    *bytes_at(at) = 1;
    WORKS(mprotect(at, PAGE, PROT_READ));
    FAILS(pread(fd, (void *)at, PAGE, 0), EFAULT);
    SAME(pwrite(fd, (void *)at, PAGE, 0), PAGE);
    WORKS(mprotect(at, PAGE, PROT_NONE));
    FAILS(pwrite(fd, (void *)at, PAGE, 0), EFAULT);
    WORKS(mprotect(at, PAGE, PROT_READ | PROT_WRITE));
    SAME(pread(fd, (void *)at, PAGE, 0), PAGE);
    WORKS(unlink("/tmp/pointer"));
}
