/*
 * filemap.c: files in memory: what a map shows, and what of a store comes back into the file.
 */
#include "test.h"

#define RW (PROT_READ | PROT_WRITE)
#define PATH "/tmp/filemap"

static void check_pattern(uint32_t at, uint32_t offset, uint32_t bytes) {
    for (uint32_t i = 0; i < bytes; i++) SAME(*bytes_at(at + i), PATTERN(offset + i));
}

static uint8_t byte_in_file(int fd, uint32_t offset) {
    uint8_t byte = 0;
    SAME(pread(fd, &byte, 1, offset), 1);
    return byte;
}

void test_file_map_has_its_bytes(void) {
    int fd = make_file(PATH, 3 * PAGE);
    check_pattern(WORKS(mmap(0, 3 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0)), 0, 3 * PAGE);
}

void test_file_map_with_offset(void) {
    int fd = make_file(PATH, 5 * PAGE);
    check_pattern(WORKS(mmap(0, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 3)), 3 * PAGE, 2 * PAGE);
}

void test_file_map_survives_close(void) {
    int fd = make_file(PATH, PAGE);
    uint32_t at = WORKS(mmap(0, PAGE, PROT_READ, MAP_PRIVATE, fd, 0));
    WORKS(close(fd));
    check_pattern(at, 0, PAGE);
}

void test_file_map_survives_removal(void) {
    int fd = make_file(PATH, 2 * PAGE);
    uint32_t at = WORKS(mmap(0, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0));
    WORKS(unlink(PATH));
    WORKS(close(fd));
    check_pattern(at, 0, 2 * PAGE);
}

void test_file_map_after_munmap_kills(void) {
    int fd = make_file(PATH, PAGE);
    uint32_t at = WORKS(mmap(0, PAGE, PROT_READ, MAP_PRIVATE, fd, 0));
    WORKS(munmap(at, PAGE));
    SAME(try_read(at), MAPERR);
}

void test_file_map_fixed_replaces(void) {
    int fd = make_file(PATH, PAGE);
    uint32_t at = map_pages(2);
    *bytes_at(at) = 0;
    SAME(mmap(at, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0), at);
    check_pattern(at, 0, PAGE);
}

void test_file_map_twice(void) {
    int fd = make_file(PATH, PAGE);
    uint32_t one = WORKS(mmap(0, PAGE, RW, MAP_SHARED, fd, 0));
    uint32_t two = WORKS(mmap(0, PAGE, RW, MAP_SHARED, fd, 0));
    CHECK(one != two);
    *bytes_at(one + 10) = 0xAA;
    SAME(*bytes_at(two + 10), 0xAA); /* the same page of the file */
    SAME(byte_in_file(fd, 10), 0xAA);
}

void test_file_map_private_store_stays_here(void) {
    int fd = make_file(PATH, PAGE);
    uint32_t at = WORKS(mmap(0, PAGE, RW, MAP_PRIVATE, fd, 0));
    uint32_t other = WORKS(mmap(0, PAGE, PROT_READ, MAP_PRIVATE, fd, 0));
    *bytes_at(at + 10) = (uint8_t)~PATTERN(10);
    SAME(*bytes_at(other + 10), PATTERN(10));
    SAME(byte_in_file(fd, 10), PATTERN(10));
    SAME(*bytes_at(at + 11), PATTERN(11));
}

void test_file_map_private_sees_writes_until_stored(void) {
    int fd = make_file(PATH, 2 * PAGE);
    uint32_t at = WORKS(mmap(0, 2 * PAGE, RW, MAP_PRIVATE, fd, 0));
    SAME(*bytes_at(at + 5), PATTERN(5));
    *bytes_at(at + PAGE) = 1; /* this page is now our own */
    SAME(pwrite(fd, "\x5A", 1, 5), 1);
    SAME(pwrite(fd, "\x5A", 1, PAGE + 5), 1);
    SAME(*bytes_at(at + 5), 0x5A);
    SAME(*bytes_at(at + PAGE + 5), PATTERN(PAGE + 5));
}

void test_file_map_store_reaches_file(void) {
    int fd = make_file(PATH, 2 * PAGE);
    uint32_t at = WORKS(mmap(0, 2 * PAGE, RW, MAP_SHARED, fd, 0));
    *bytes_at(at + PAGE + 3) = 0xAB;
    SAME(byte_in_file(fd, PAGE + 3), 0xAB); /* at once: the frame is the file's */
    WORKS(munmap(at, 2 * PAGE));
    SAME(byte_in_file(fd, PAGE + 3), 0xAB);
}

void test_file_map_exit_keeps_stores(void) {
    int fd = make_file(PATH, PAGE);
    int32_t child = WORKS(fork());
    if (!child) {
        uint32_t at = WORKS(mmap(0, PAGE, RW, MAP_SHARED, fd, 0));
        *bytes_at(at) = 0xCD;
        _exit(0); /* no munmap() */
    }
    SAME(ended(child), EXITED(0));
    SAME(byte_in_file(fd, 0), 0xCD);
}

void test_file_map_clean_page_undoes_nothing(void) {
    int fd = make_file(PATH, PAGE);
    uint32_t at = WORKS(mmap(0, PAGE, RW, MAP_SHARED, fd, 0));
    SAME(*bytes_at(at), PATTERN(0));
    SAME(pwrite(fd, "\x77", 1, 0), 1);
    WORKS(munmap(at, PAGE));
    SAME(byte_in_file(fd, 0), 0x77);
}

void test_file_map_not_inherited_by_exec(void) {
    int fd = make_file(PATH, PAGE);
    uint32_t at = WORKS(mmap(0x20000000, PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 0));
    SAME(*bytes_at(at), PATTERN(0));
    SAME(end_of_role("is-empty", "20000000"), EXITED(0));
}

void test_file_map_inherited_by_fork(void) {
    int fd = make_file(PATH, PAGE);
    uint32_t at = WORKS(mmap(0, PAGE, RW, MAP_SHARED, fd, 0));
    int32_t child = WORKS(fork());
    if (!child) {
        check_pattern(at, 0, PAGE);
        *bytes_at(at) = 0x11;
        _exit(0);
    }
    SAME(ended(child), EXITED(0));
    SAME(*bytes_at(at), 0x11);
}

void test_file_map_misaligned(void) {
    int fd = make_file(PATH, PAGE);
    FAILS(mmap(0x20000800, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0), EINVAL);
}

/* The old mmap() has its arguments in memory and its offset in bytes. */
#define NR_old_mmap 90
void test_file_map_old_call(void) {
    int fd = make_file(PATH, 2 * PAGE);
    uint32_t arguments[6] = {0, PAGE, PROT_READ, MAP_PRIVATE, (uint32_t)fd, PAGE};
    check_pattern((uint32_t)WORKS(syscall(NR_old_mmap, arguments)), PAGE, PAGE);
    arguments[5] = 100;
    FAILS(syscall(NR_old_mmap, arguments), EINVAL);
    FAILS(syscall(NR_old_mmap, kernel_start()), EFAULT);
}

void test_file_map_zero_length_file(void) {
    int fd = make_file(PATH, 0);
    uint32_t at = WORKS(mmap(0, PAGE, PROT_READ, MAP_PRIVATE, fd, 0));
    SAME(try_read(at), BUSERR);
    SAME(last_signal.address, at);
}

void test_file_map_tail_is_zero(void) {
    int fd = make_file(PATH, 100);
    uint32_t at = WORKS(mmap(0, PAGE, PROT_READ, MAP_PRIVATE, fd, 0));
    check_pattern(at, 0, 100);
    for (uint32_t i = 100; i < PAGE; i++) SAME(*bytes_at(at + i), 0);
}

void test_file_map_beyond_end(void) {
    int fd = make_file(PATH, PAGE + 1);
    uint32_t at = WORKS(mmap(0, 4 * PAGE, RW, MAP_SHARED, fd, 0));
    SAME(try_read(at + PAGE + 100), NO_FAULT);
    SAME(try_read(at + 2 * PAGE), BUSERR);
    SAME(last_signal.address, at + 2 * PAGE);
    SAME(try_write(at + 3 * PAGE + 7), BUSERR);
    SAME(last_signal.address, at + 3 * PAGE + 7);
}

void test_file_map_grows_with_file(void) {
    int fd = make_file(PATH, PAGE);
    uint32_t at = WORKS(mmap(0, 2 * PAGE, RW, MAP_SHARED, fd, 0));
    SAME(try_read(at + PAGE), BUSERR);
    WORKS(ftruncate(fd, 2 * PAGE));
    SAME(try_read(at + PAGE), NO_FAULT);
    SAME(*bytes_at(at + PAGE), 0);
}

void test_file_map_truncated(void) {
    int fd = make_file(PATH, 2 * PAGE);
    uint32_t at = WORKS(mmap(0, 2 * PAGE, RW, MAP_SHARED, fd, 0));
    SAME(*bytes_at(at + PAGE), PATTERN(PAGE));
    WORKS(ftruncate(fd, 10));
    SAME(try_read(at + PAGE), BUSERR);
    SAME(*bytes_at(at + 9), PATTERN(9));
    SAME(*bytes_at(at + 10), 0);
}

void test_file_map_shared_needs_writable_file(void) {
    close(make_file(PATH, PAGE));
    int fd = WORKS(open(PATH, O_RDONLY, 0));
    FAILS(mmap(0, PAGE, RW, MAP_SHARED, fd, 0), EACCES);
    uint32_t at = WORKS(mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, 0));
    FAILS(mprotect(at, PAGE, RW), EACCES);
    at = WORKS(mmap(0, PAGE, RW, MAP_PRIVATE, fd, 0)); /* a copy is allowed */
    *bytes_at(at) = 1;
}

void test_file_map_needs_readable_file(void) {
    close(make_file(PATH, PAGE));
    int fd = WORKS(open(PATH, O_WRONLY, 0));
    FAILS(mmap(0, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), EACCES);
    FAILS(mmap(0, PAGE, PROT_WRITE, MAP_SHARED, fd, 0), EACCES);
}

void test_file_map_directory(void) {
    int fd = WORKS(open("/tmp", O_RDONLY, 0));
    FAILS(mmap(0, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), ENODEV);
}

void test_file_map_read_into_itself(void) {
    int fd = make_file(PATH, 2 * PAGE);
    uint32_t at = WORKS(mmap(0, 2 * PAGE, RW, MAP_SHARED, fd, 0));
    SAME(pread(fd, (void *)(at + PAGE), PAGE, 0), PAGE); /* the map is the file */
    SAME(byte_in_file(fd, PAGE + 20), PATTERN(20));
}

void test_file_map_write_from_itself(void) {
    int fd = make_file(PATH, PAGE);
    uint32_t at = WORKS(mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, 0));
    SAME(pwrite(fd, (void *)at, PAGE, PAGE), PAGE);
    SAME(byte_in_file(fd, PAGE + 20), PATTERN(20));
}

void test_file_map_private_fork(void) {
    int fd = make_file(PATH, PAGE);
    uint32_t at = WORKS(mmap(0, PAGE, RW, MAP_PRIVATE, fd, 0));
    *bytes_at(at) = 0x42;
    int32_t child = WORKS(fork());
    if (!child) {
        SAME(*bytes_at(at), 0x42);
        *bytes_at(at) = 0x43;
        _exit(0);
    }
    SAME(ended(child), EXITED(0));
    SAME(*bytes_at(at), 0x42);
    SAME(byte_in_file(fd, 0), PATTERN(0));
}

void test_file_map_dontneed_brings_file_back(void) {
    int fd = make_file(PATH, PAGE);
    uint32_t at = WORKS(mmap(0, PAGE, RW, MAP_PRIVATE, fd, 0));
    *bytes_at(at) = 0x42;
    WORKS(madvise(at, PAGE, MADV_DONTNEED));
    SAME(*bytes_at(at), PATTERN(0));
}

void test_file_map_msync(void) {
    int fd = make_file(PATH, PAGE);
    uint32_t at = WORKS(mmap(0, PAGE, RW, MAP_SHARED, fd, 0));
    *bytes_at(at) = 1;
    WORKS(msync(at, PAGE, MS_SYNC));
    WORKS(msync(at, PAGE, MS_ASYNC));
    FAILS(msync(at + 1, PAGE, MS_SYNC), EINVAL);
    FAILS(msync(at, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
    WORKS(munmap(at, PAGE));
    FAILS(msync(at, PAGE, MS_SYNC), ENOMEM);
}

void test_file_map_is_named_in_maps(void) {
    static char maps[8192];
    int fd = make_file(PATH, PAGE);
    WORKS(mmap(0, PAGE, PROT_READ, MAP_PRIVATE, fd, 0));
    WORKS(read_file("/proc/self/maps", maps, sizeof maps));
    CHECK(strstr(maps, PATH "\n") != NULL);
    WORKS(unlink(PATH));
    WORKS(read_file("/proc/self/maps", maps, sizeof maps));
    CHECK(strstr(maps, PATH " (deleted)\n") != NULL);
}

void test_file_map_over_code(void) {
    SAME(end_of_role("map-over", "code"), EXITED(0));
}

void test_file_map_over_data(void) {
    SAME(end_of_role("map-over", "data"), EXITED(0));
}

void test_file_map_over_stack(void) {
    SAME(end_of_role("map-over", "stack"), EXITED(0));
}

void test_file_map_shuffle(void) {
    int fd = make_file(PATH, 16 * PAGE);
    uint32_t at = WORKS(mmap(0, 16 * PAGE, RW, MAP_SHARED, fd, 0)), seed = 1, sum = 0, after = 0;
    for (uint32_t i = 0; i < 16 * PAGE; i++) sum += *bytes_at(at + i);
    for (uint32_t i = 16 * PAGE - 1; i; i--) {
        seed = seed * 1103515245 + 12345;
        uint32_t other = (seed >> 8) % i;
        uint8_t byte = *bytes_at(at + i);
        *bytes_at(at + i) = *bytes_at(at + other);
        *bytes_at(at + other) = byte;
    }
    WORKS(munmap(at, 16 * PAGE));
    for (uint32_t i = 0; i < 16 * PAGE; i += PAGE) {
        static uint8_t buffer[PAGE];
        SAME(pread(fd, buffer, PAGE, i), PAGE);
        for (uint32_t j = 0; j < PAGE; j++) after += buffer[j];
    }
    SAME(after, sum);
}
