/*
 * remap.c: mremap() and brk().
 */
#include "test.h"

#define RW (PROT_READ | PROT_WRITE)

/* Pages with a hole of `room` behind them. */
static uint32_t map_with_room(uint32_t pages, uint32_t room) {
    uint32_t at = map_pages(pages + room);
    if (room) WORKS(munmap(at + pages * PAGE, room * PAGE));
    for (uint32_t i = 0; i < pages; i++) *words_at(at + i * PAGE) = i + 1;
    return at;
}

void test_mremap_shrinks(void) {
    uint32_t at = map_with_room(4, 0);
    SAME(mremap(at, 4 * PAGE, 2 * PAGE, 0, 0), at);
    SAME(*words_at(at + PAGE), 2);
    SAME(try_read(at + 2 * PAGE), MAPERR);
}

void test_mremap_grows_in_place(void) {
    uint32_t at = map_with_room(2, 2);
    SAME(mremap(at, 2 * PAGE, 4 * PAGE, 0, 0), at);
    SAME(*words_at(at + PAGE), 2);
    SAME(*words_at(at + 3 * PAGE), 0);
}

void test_mremap_no_room(void) {
    uint32_t at = map_with_room(2, 0), behind = at + 2 * PAGE;
    mmap(behind, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    FAILS(mremap(at, 2 * PAGE, 4 * PAGE, 0, 0), ENOMEM);
    SAME(*words_at(at), 1);
}

/* mlock(2): what a locked area gets is in memory at once; in place, and elsewhere. */
void test_mremap_locked(void) {
    uint32_t at = map_with_room(2, 2);
    WORKS(mlock(at, 2 * PAGE));
    SAME(mremap(at, 2 * PAGE, 4 * PAGE, 0, 0), at);
    CHECK(is_resident(at + 3 * PAGE));
    uint32_t moved = WORKS(mremap(at, 4 * PAGE, 64 * PAGE, MREMAP_MAYMOVE, 0));
    CHECK(is_resident(moved + 63 * PAGE));
    SAME(*words_at(moved + PAGE), 2);
    WORKS(munmap(moved, 64 * PAGE));
}

void test_mremap_moves(void) {
    uint32_t block = map_with_room(3, 0), at = block;
    uint32_t moved = WORKS(mremap(at, 2 * PAGE, 8 * PAGE, MREMAP_MAYMOVE, 0));
    CHECK(moved != at);
    SAME(*words_at(moved), 1);
    SAME(*words_at(moved + PAGE), 2);
    SAME(*words_at(moved + 7 * PAGE), 0);
    SAME(try_read(at), MAPERR);
    SAME(*words_at(block + 2 * PAGE), 3);
}

void test_mremap_moves_pages_not_bytes(void) {
    uint32_t block = map_with_room(65, 0);
    uint32_t before = minor_faults();
    uint32_t moved = WORKS(mremap(block, 64 * PAGE, 128 * PAGE, MREMAP_MAYMOVE, 0));
    for (uint32_t i = 0; i < 64; i++) SAME(*words_at(moved + i * PAGE), i + 1);
    SAME(minor_faults() - before, 0);
}

void test_mremap_fixed(void) {
    uint32_t at = map_with_room(2, 0), to = map_pages(4);
    *words_at(to) = 99;
    SAME(mremap(at, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to), to);
    SAME(*words_at(to), 1);
    SAME(*words_at(to + PAGE), 2);
    SAME(*words_at(to + 2 * PAGE), 0);
    SAME(try_read(at), MAPERR);
}

void test_mremap_same_size(void) {
    uint32_t at = map_with_room(2, 0);
    SAME(mremap(at, 2 * PAGE, 2 * PAGE, 0, 0), at);
    SAME(mremap(at, 2 * PAGE, 2 * PAGE - 5, 0, 0), at);
    SAME(*words_at(at + PAGE), 2);
}

void test_mremap_errors(void) {
    uint32_t at = map_with_room(4, 0);
    FAILS(mremap(at + 1, PAGE, PAGE, 0, 0), EINVAL);
    FAILS(mremap(at, PAGE, 0, 0, 0), EINVAL);
    FAILS(mremap(at, PAGE, PAGE, 0x80, 0), EINVAL);
    FAILS(mremap(at, PAGE, PAGE, MREMAP_FIXED, at + 2 * PAGE), EINVAL); /* needs MAYMOVE */
    FAILS(mremap(at, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at + PAGE), EINVAL);
    FAILS(mremap(at, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at + 2 * PAGE + 1), EINVAL);
    CHECK(is_error(mremap(at, PAGE, 0xFFFFF000, MREMAP_MAYMOVE, 0)));
    FAILS(mremap(at, 8 * PAGE, 9 * PAGE, MREMAP_MAYMOVE, 0), EFAULT); /* longer than the area */
    WORKS(munmap(at, 4 * PAGE));
    FAILS(mremap(at, PAGE, 2 * PAGE, MREMAP_MAYMOVE, 0), EFAULT);
}

void test_mremap_keeps_rights(void) {
    uint32_t at = map_with_room(3, 0);
    WORKS(mprotect(at, 2 * PAGE, PROT_READ));
    uint32_t moved = WORKS(mremap(at, 2 * PAGE, 5 * PAGE, MREMAP_MAYMOVE, 0));
    SAME(try_read(moved + 4 * PAGE), NO_FAULT);
    SAME(try_write(moved), ACCERR);
}

void test_mremap_part_of_area(void) {
    uint32_t at = map_with_room(6, 0);
    uint32_t moved = WORKS(mremap(at + 2 * PAGE, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE, 0));
    SAME(*words_at(moved), 3);
    SAME(*words_at(moved + PAGE), 4);
    SAME(*words_at(at + PAGE), 2);
    SAME(*words_at(at + 4 * PAGE), 5);
    SAME(try_read(at + 2 * PAGE), MAPERR);
}

void test_mremap_shared_file(void) {
    int fd = make_file("/tmp/remap", 4 * PAGE);
    uint32_t at = WORKS(mmap(0, 2 * PAGE, RW, MAP_SHARED, fd, 1));
    uint32_t moved = WORKS(mremap(at, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE, 0));
    SAME(*bytes_at(moved + 2 * PAGE + 9), PATTERN(3 * PAGE + 9));
    *bytes_at(moved) = 0x55;
    uint8_t byte;
    SAME(pread(fd, &byte, 1, PAGE), 1);
    SAME(byte, 0x55);
    WORKS(unlink("/tmp/remap"));
}

/* ---- brk ---- */

void test_brk_asks(void) {
    uint32_t end = brk(0);
    CHECK(end > 0x10000 && end < kernel_start());
    SAME(brk(0), end);
    SAME(brk(1), end); /* below its start: unchanged */
    SAME(brk(kernel_start()), end);
    SAME(brk(0xFFFFFFFF), end);
}

void test_brk_grows_zero(void) {
    uint32_t end = brk(0);
    SAME(brk(end + 10 * PAGE), end + 10 * PAGE);
    for (uint32_t i = 0; i < 10 * PAGE; i += 64) SAME(*bytes_at(end + i), 0);
    *bytes_at(end + 10 * PAGE - 1) = 1;
}

void test_brk_byte_by_byte(void) {
    uint32_t end = brk(0);
    for (uint32_t i = 1; i <= 5000; i++) {
        SAME(brk(end + i), end + i);
        SAME(*bytes_at(end + i - 1), 0);
        *bytes_at(end + i - 1) = 1;
    }
}

void test_brk_shrinks_and_regrows_zero(void) {
    uint32_t end = brk(0);
    brk(end + 4 * PAGE);
    for (int i = 0; i < 4; i++) *bytes_at(end + PAGE - end % PAGE + i * PAGE - 1) = 7;
    memset((void *)end, 7, 4 * PAGE);
    SAME(brk(end), end);
    SAME(try_read(end + 2 * PAGE), MAPERR);
    SAME(brk(end + 4 * PAGE), end + 4 * PAGE);
    SAME(*bytes_at(end + 2 * PAGE), 0);
    SAME(*bytes_at(end + 3 * PAGE), 0);
}

void test_brk_works_after_fork(void) {
    uint32_t end = brk(0);
    brk(end + PAGE);
    *bytes_at(end) = 9;
    int32_t child = WORKS(fork());
    if (!child) {
        SAME(brk(0), end + PAGE);
        SAME(brk(end + 3 * PAGE), end + 3 * PAGE);
        *bytes_at(end + 2 * PAGE) = 1;
        SAME(*bytes_at(end), 9);
        _exit(0);
    }
    SAME(ended(child), EXITED(0));
    SAME(brk(0), end + PAGE);
    SAME(try_read(end + 2 * PAGE), MAPERR);
}

void test_brk_stops_at_map(void) {
    uint32_t end = (brk(0) + PAGE - 1) & -PAGE;
    uint32_t wall = end + 16 * PAGE;
    SAME(mmap(wall, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0), wall);
    brk(end);
    SAME(brk(wall + PAGE), end);
    SAME(try_read(end), MAPERR);
}

void test_brk_limit(void) {
    uint32_t end = brk(0);
    struct rlimit limit = {16 << 20, 16 << 20};
    WORKS(setrlimit(RLIMIT_DATA, &limit));
    SAME(brk(end + (32 << 20)), end);
    SAME(brk(end + (1 << 18)), end + (1 << 18));
}

void test_brk_is_called_heap(void) {
    uint32_t end = brk(0);
    brk(end + PAGE);
    static char maps[8192];
    WORKS(read_file("/proc/self/maps", maps, sizeof maps));
    CHECK(strstr(maps, "[heap]") != NULL);
}

void test_brk_grows_large(void) {
    uint32_t end = brk(0);
    SAME(brk(end + (64 << 20)), end + (64 << 20)); /* nothing is taken before it is touched */
    *bytes_at(end + (64 << 20) - 1) = 99;
    SAME(brk(end), end);
}
