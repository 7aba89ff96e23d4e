/*
 * anonymous.c: mmap() of memory without a file: demand-zero, placing, sharing.
 */
#include "test.h"

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)

void test_mmap_is_zero(void) {
    uint32_t at = map_pages(64);
    for (uint32_t i = 0; i < 64 * PAGE / 4; i++) SAME(words_at(at)[i], 0);
}

void test_mmap_comes_on_demand(void) {
    uint32_t at = map_pages(64);
    for (uint32_t i = 0; i < 64; i++) CHECK(!is_resident(at + i * PAGE));
    *bytes_at(at + 5 * PAGE) = 1;
    CHECK(is_resident(at + 5 * PAGE));
    CHECK(!is_resident(at + 4 * PAGE) && !is_resident(at + 6 * PAGE));
}

void test_mmap_one_fault_per_page(void) {
    uint32_t at = map_pages(64);
    uint32_t before = minor_faults();
    for (uint32_t i = 0; i < 64; i++) *bytes_at(at + i * PAGE) = 1;
    SAME(minor_faults() - before, 64);
    for (uint32_t i = 0; i < 64; i++) *bytes_at(at + i * PAGE + 99) = 2;
    SAME(minor_faults() - before, 64);
}

void test_mmap_read_then_write_faults_twice(void) {
    uint32_t at = map_pages(8);
    uint32_t before = minor_faults();
    for (uint32_t i = 0; i < 8; i++) SAME(*bytes_at(at + i * PAGE), 0); /* the zero page */
    SAME(minor_faults() - before, 8);
    for (uint32_t i = 0; i < 8; i++) *bytes_at(at + i * PAGE) = 1; /* a page of its own */
    SAME(minor_faults() - before, 16);
}

void test_mmap_zero_page_is_not_shared_with_writers(void) {
    uint32_t at = map_pages(2);
    SAME(*bytes_at(at), 0);
    SAME(*bytes_at(at + PAGE), 0);
    *words_at(at) = 0x12345678;
    SAME(*words_at(at + PAGE), 0);
    SAME(*words_at(map_pages(1)), 0);
}

void test_mmap_length_zero(void) {
    FAILS(mmap(0, 0, RW, ANON, -1, 0), EINVAL);
}

void test_mmap_neither_private_nor_shared(void) {
    FAILS(mmap(0, PAGE, RW, MAP_ANONYMOUS, -1, 0), EINVAL);
}

void test_mmap_too_long(void) {
    FAILS(mmap(0, 0xFFFFF000, RW, ANON, -1, 0), ENOMEM);
    FAILS(mmap(0, 0xFFFFFFFF, RW, ANON, -1, 0), ENOMEM);
}

void test_mmap_rounds_up(void) {
    uint32_t at = WORKS(mmap(0, PAGE + 1, RW, ANON, -1, 0)), start, end;
    SAME(at % PAGE, 0);
    area_of(at, &start, &end);
    *bytes_at(at + 2 * PAGE - 1) = 1;
    CHECK(end >= at + 2 * PAGE);
}

void test_mmap_hint_is_taken(void) {
    uint32_t free = map_pages(4);
    WORKS(munmap(free, 4 * PAGE));
    SAME(mmap(free + PAGE, PAGE, RW, ANON, -1, 0), free + PAGE);
}

void test_mmap_hint_in_use(void) {
    uint32_t at = map_pages(1);
    *bytes_at(at) = 7;
    uint32_t other = WORKS(mmap(at, PAGE, RW, ANON, -1, 0));
    CHECK(other != at);
    SAME(*bytes_at(at), 7);
}

void test_mmap_hint_misaligned(void) {
    uint32_t free = map_pages(4);
    WORKS(munmap(free, 4 * PAGE));
    SAME(WORKS(mmap(free + PAGE + 123, PAGE, RW, ANON, -1, 0)) % PAGE, 0);
}

void test_mmap_fixed_replaces(void) {
    uint32_t at = map_pages(3);
    for (int i = 0; i < 3; i++) *bytes_at(at + i * PAGE) = 7;
    SAME(mmap(at + PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0), at + PAGE);
    SAME(*bytes_at(at), 7);
    SAME(*bytes_at(at + PAGE), 0);
    SAME(*bytes_at(at + 2 * PAGE), 7);
}

void test_mmap_fixed_misaligned(void) {
    uint32_t at = map_pages(2);
    FAILS(mmap(at + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0), EINVAL);
    FAILS(mmap(at + 0x800, PAGE, RW, ANON | MAP_FIXED, -1, 0), EINVAL);
}

void test_mmap_fixed_in_kernel(void) {
    FAILS(mmap(kernel_start(), PAGE, RW, ANON | MAP_FIXED, -1, 0), ENOMEM);
    FAILS(mmap(kernel_start() - PAGE, 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0), ENOMEM);
    FAILS(mmap(0xFFFFF000, PAGE, RW, ANON | MAP_FIXED, -1, 0), ENOMEM);
}

void test_mmap_fixed_noreplace(void) {
    uint32_t at = map_pages(3);
    FAILS(mmap(at + PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
    FAILS(mmap(at - PAGE, 2 * PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
    WORKS(munmap(at + PAGE, PAGE));
    SAME(mmap(at + PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), at + PAGE);
}

#define NR_setuid32 213
void test_mmap_null_page_refused(void) {
    WORKS(syscall(NR_setuid32, 1000)); /* the superuser may, on Linux */
    FAILS(mmap(0, PAGE, RW, ANON | MAP_FIXED, -1, 0), EPERM);
    WORKS(mmap(0x10000, PAGE, RW, ANON | MAP_FIXED, -1, 0));
}

void test_mmap_hint_null_is_no_hint(void) {
    CHECK(mmap(0, PAGE, RW, ANON, -1, 0) >= 0x10000);
    CHECK(mmap(1, PAGE, RW, ANON, -1, 0) >= PAGE);
}

void test_mmap_top_down(void) {
    uint32_t first = map_pages(1), second = map_pages(1);
    SAME(second, first - PAGE);
}

void test_mmap_takes_highest_hole(void) {
    uint32_t at = map_pages(8);
    WORKS(munmap(at + 2 * PAGE, PAGE));
    WORKS(munmap(at + 5 * PAGE, 2 * PAGE));
    SAME(map_pages(1), at + 6 * PAGE);
    SAME(map_pages(1), at + 5 * PAGE);
    SAME(map_pages(1), at + 2 * PAGE);
}

void test_mmap_neighbours_are_one_area(void) {
    uint32_t at = map_pages(16), start, end;
    WORKS(munmap(at, 16 * PAGE));
    for (uint32_t i = 0; i < 8; i++) WORKS(mmap(at + i * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0));
    area_of(at, &start, &end);
    CHECK(start <= at && end >= at + 8 * PAGE);
}

void test_mmap_shared_survives_fork(void) {
    uint32_t at = WORKS(mmap(0, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    *words_at(at) = 1;
    int32_t child = WORKS(fork());
    if (!child) {
        SAME(*words_at(at), 1);
        *words_at(at) = 2;
        _exit(0);
    }
    SAME(ended(child), EXITED(0));
    SAME(*words_at(at), 2);
}

void test_mmap_shared_untouched_before_fork(void) {
    uint32_t at = WORKS(mmap(0, 16 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    int32_t child = WORKS(fork());
    if (!child) {
        for (uint32_t i = 0; i < 16; i++) words_at(at + i * PAGE)[1] = i + 100;
        _exit(0);
    }
    SAME(ended(child), EXITED(0));
    for (uint32_t i = 0; i < 16; i++) SAME(words_at(at + i * PAGE)[1], i + 100);
}

void test_mmap_shared_is_not_merged_with_other(void) {
    uint32_t at = WORKS(mmap(0, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    SAME(area_of(at, NULL, NULL)[3], 's');
    uint32_t other = WORKS(mmap(0, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    *words_at(at) = 1;
    SAME(*words_at(other), 0);
}

void test_mmap_dev_zero(void) {
    int fd = WORKS(open("/dev/zero", O_RDWR, 0));
    uint32_t at = WORKS(mmap(0, 2 * PAGE, RW, MAP_PRIVATE, fd, 0));
    SAME(words_at(at)[100], 0);
    words_at(at)[100] = 1;
    WORKS(close(fd));
    SAME(words_at(at)[100], 1);
}

void test_mmap_bad_fd(void) {
    FAILS(mmap(0, PAGE, RW, MAP_PRIVATE, -1, 0), EBADF);
    FAILS(mmap(0, PAGE, RW, MAP_PRIVATE, 0x7FFFFFFF, 0), EBADF);
    FAILS(mmap(0, PAGE, RW, MAP_PRIVATE, 999, 0), EBADF);
}

void test_mmap_pipe(void) {
    int ends[2];
    WORKS(pipe(ends));
    FAILS(mmap(0, PAGE, PROT_READ, MAP_PRIVATE, ends[0], 0), ENODEV);
}

void test_mmap_prot_none(void) {
    uint32_t at = WORKS(mmap(0, PAGE, PROT_NONE, ANON, -1, 0));
    SAME(try_read(at), ACCERR);
    SAME(last_signal.address, at);
    SAME(try_write(at + 5), ACCERR);
    SAME(last_signal.address, at + 5);
}

void test_mmap_prot_read(void) {
    uint32_t at = WORKS(mmap(0, PAGE, PROT_READ, ANON, -1, 0));
    SAME(try_read(at), NO_FAULT);
    SAME(try_write(at + 100), ACCERR);
    SAME(last_signal.address, at + 100);
    SAME(*bytes_at(at + 100), 0);
}

void test_mmap_prot_write_only_reads_too(void) {
    uint32_t at = WORKS(mmap(0, PAGE, PROT_WRITE, ANON, -1, 0));
    SAME(try_write(at), NO_FAULT);
    SAME(try_read(at), NO_FAULT);
}

void test_mmap_not_executable(void) {
    if (!has_nx()) skip("this machine cannot forbid execution");
    uint32_t at = map_pages(1);
    *bytes_at(at) = 0xC3; /* RET */
    SAME(try_call(at), ACCERR);
    SAME(last_signal.address, at);
    SAME(last_registers.eip, at);
}

void test_mmap_executable(void) {
    uint32_t at = WORKS(mmap(0, PAGE, RW | PROT_EXEC, ANON, -1, 0));
    *bytes_at(at) = 0xC3;
    SAME(try_call(at), NO_FAULT);
}

void test_mmap_many_areas(void) {
    uint32_t at =
        map_pages(512); /* every second page: 256 areas, in an order that unbalances trees */
    for (uint32_t i = 0; i < 256; i++) WORKS(munmap(at + (i * 37 % 256) * 2 * PAGE, PAGE));
    for (uint32_t i = 0; i < 512; i++) SAME(try_write(at + i * PAGE), i % 2 ? NO_FAULT : MAPERR);
    SAME(count_areas(at, at + 512 * PAGE), 256);
    WORKS(munmap(at, 512 * PAGE));
    SAME(count_areas(at, at + 512 * PAGE), 0);
}

void test_mmap_huge_reservation(void) {
    uint32_t at = WORKS(mmap(0, 1u << 29, PROT_NONE, ANON, -1, 0)); /* 512 MB: costs nothing */
    WORKS(mprotect(at + (1u << 28), PAGE, RW));
    *bytes_at(at + (1u << 28)) = 1;
    WORKS(munmap(at, 1u << 29));
}

void test_mmap_limit_as(void) {
    struct rlimit limit = {8 << 20, 8 << 20};
    WORKS(setrlimit(RLIMIT_AS, &limit));
    FAILS(mmap(0, 9 << 20, RW, ANON, -1, 0), ENOMEM);
    uint32_t count = 0;
    while (!is_error(mmap(0, 1 << 20, RW, ANON, -1, 0))) count++;
    CHECK(count >= 4 && count < 8);
}

void test_mmap_grows_down_flag(void) {
    uint32_t at = map_pages(64);
    WORKS(munmap(at, 64 * PAGE));
    WORKS(mmap(at + 60 * PAGE, 2 * PAGE, RW, ANON | MAP_FIXED | MAP_GROWSDOWN, -1, 0));
    SAME(try_write(at + 60 * PAGE), NO_FAULT);
    SAME(try_write(at + 59 * PAGE), NO_FAULT); /* has grown */
    SAME(area_of(at + 59 * PAGE, NULL, NULL)[0], 'r');
}

void test_madvise_dontneed_is_zero_again(void) {
    uint32_t at = map_pages(4);
    for (int i = 0; i < 4; i++) *bytes_at(at + i * PAGE) = 7;
    WORKS(madvise(at + PAGE, 2 * PAGE, MADV_DONTNEED));
    CHECK(!is_resident(at + PAGE) && !is_resident(at + 2 * PAGE));
    SAME(*bytes_at(at), 7);
    SAME(*bytes_at(at + PAGE), 0);
    SAME(*bytes_at(at + 2 * PAGE), 0);
    SAME(*bytes_at(at + 3 * PAGE), 7);
}

/* mlock(2): what is locked is not given up. */
void test_madvise_locked(void) {
    uint32_t at = map_pages(2);
    *words_at(at) = 7;
    WORKS(mlock(at, PAGE));
    FAILS(madvise(at, PAGE, MADV_DONTNEED), EINVAL);
    SAME(*words_at(at), 7);
    WORKS(munlock(at, PAGE));
    WORKS(madvise(at, PAGE, MADV_DONTNEED));
    SAME(*words_at(at), 0);
}

void test_madvise_errors(void) {
    uint32_t at = map_pages(3);
    FAILS(madvise(at + 1, PAGE, MADV_DONTNEED), EINVAL);
    FAILS(madvise(at, PAGE, 9999), EINVAL);
    WORKS(madvise(at, 0, MADV_DONTNEED));
    WORKS(munmap(at + PAGE, PAGE));
    FAILS(madvise(at, 3 * PAGE, MADV_DONTNEED), ENOMEM);
    WORKS(madvise(at, PAGE, MADV_NORMAL));
    WORKS(madvise(at, PAGE, MADV_WILLNEED));
}

void test_mincore_errors(void) {
    uint32_t at = map_pages(2);
    uint8_t state[2];
    FAILS(mincore(at + 1, PAGE, state), EINVAL);
    FAILS(mincore(at, PAGE, (uint8_t *)kernel_start()), EFAULT);
    WORKS(munmap(at + PAGE, PAGE));
    FAILS(mincore(at, 2 * PAGE, state), ENOMEM);
    FAILS(mincore(at, 0xFFFFFFFF, state), ENOMEM); /* whole pages of it are 0, modulo 2^32 */
}
