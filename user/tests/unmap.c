/*
 * unmap.c: munmap() and mprotect(): areas are cut, split and joined.
 */
#include "test.h"

#define RW (PROT_READ | PROT_WRITE)

void test_munmap_all(void) {
    uint32_t at = map_pages(2);
    *bytes_at(at) = 1;
    WORKS(munmap(at, 2 * PAGE));
    SAME(try_read(at), MAPERR);
    SAME(last_signal.address, at);
    SAME(try_write(at + PAGE), MAPERR);
}

void test_munmap_middle(void) {
    uint32_t at = map_pages(5);
    for (int i = 0; i < 5; i++) *bytes_at(at + i * PAGE) = (uint8_t)(i + 1);
    WORKS(munmap(at + 2 * PAGE, PAGE));
    for (int i = 0; i < 5; i++) SAME(try_read(at + i * PAGE), i == 2 ? MAPERR : NO_FAULT);
    SAME(*bytes_at(at + PAGE), 2);
    SAME(*bytes_at(at + 3 * PAGE), 4);
}

void test_munmap_head_and_tail(void) {
    uint32_t at = map_pages(5);
    WORKS(munmap(at, PAGE));
    WORKS(munmap(at + 4 * PAGE, PAGE));
    SAME(try_write(at), MAPERR);
    SAME(try_write(at + PAGE), NO_FAULT);
    SAME(try_write(at + 3 * PAGE), NO_FAULT);
    SAME(try_write(at + 4 * PAGE), MAPERR);
}

void test_munmap_over_holes(void) {
    uint32_t at = map_pages(7);
    WORKS(munmap(at + PAGE, PAGE));
    WORKS(munmap(at + 4 * PAGE, PAGE));
    WORKS(munmap(at, 7 * PAGE)); /* three areas and two holes at once */
    for (int i = 0; i < 7; i++) SAME(try_read(at + i * PAGE), MAPERR);
}

void test_munmap_nothing_there(void) {
    uint32_t at = map_pages(1);
    WORKS(munmap(at, PAGE));
    WORKS(munmap(at, PAGE)); /* no error, says munmap(2) */
}

void test_munmap_errors(void) {
    uint32_t at = map_pages(1);
    FAILS(munmap(at + 1, PAGE), EINVAL);
    FAILS(munmap(at, 0), EINVAL);
    FAILS(munmap(kernel_start(), PAGE), EINVAL);
    FAILS(munmap(kernel_start() - PAGE, 2 * PAGE), EINVAL);
    FAILS(munmap(at, 0xFFFFF000), EINVAL);
}

void test_munmap_odd_length(void) {
    uint32_t at = map_pages(2);
    WORKS(munmap(at, 1)); /* the whole page */
    SAME(try_read(at), MAPERR);
    SAME(try_read(at + PAGE), NO_FAULT);
}

void test_munmap_then_zero(void) {
    uint32_t at = map_pages(1);
    *words_at(at) = 1;
    WORKS(munmap(at, PAGE));
    SAME(mmap(at, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), at);
    SAME(*words_at(at), 0);
}

void test_munmap_own_code_kills(void) {
    SAME(end_of_role("unmap-code", ""), KILLED(SIGSEGV));
}

void test_mprotect_read_only(void) {
    uint32_t at = map_pages(2);
    *words_at(at) = 5;
    WORKS(mprotect(at, PAGE, PROT_READ));
    SAME(try_write(at), ACCERR);
    SAME(last_signal.address, at);
    SAME(*words_at(at), 5);
    SAME(try_write(at + PAGE), NO_FAULT);
}

void test_mprotect_and_back(void) {
    uint32_t at = map_pages(1);
    *words_at(at) = 5;
    for (int i = 0; i < 10; i++) {
        WORKS(mprotect(at, PAGE, PROT_READ));
        SAME(try_write(at), ACCERR);
        WORKS(mprotect(at, PAGE, RW));
        SAME(try_write(at), NO_FAULT);
    }
}

void test_mprotect_none_keeps_contents(void) {
    uint32_t at = map_pages(1);
    *words_at(at) = 0xABCD;
    WORKS(mprotect(at, PAGE, PROT_NONE));
    SAME(try_read(at), ACCERR);
    SAME(try_write(at), ACCERR);
    WORKS(mprotect(at, PAGE, PROT_READ));
    SAME(*words_at(at), 0xABCD);
}

void test_mprotect_splits_and_joins(void) {
    uint32_t at = map_pages(7), start, end;
    WORKS(mprotect(at + 3 * PAGE, PAGE, PROT_READ));
    area_of(at + 3 * PAGE, &start, &end);
    SAME(start, at + 3 * PAGE);
    SAME(end, at + 4 * PAGE);
    WORKS(mprotect(at + 3 * PAGE, PAGE, RW));
    area_of(at + 3 * PAGE, &start, &end);
    CHECK(start <= at && end >= at + 7 * PAGE);
}

void test_mprotect_over_several_areas(void) {
    uint32_t at = map_pages(6);
    WORKS(mprotect(at + PAGE, PAGE, PROT_NONE));
    WORKS(mprotect(at + 3 * PAGE, PAGE, PROT_READ));
    WORKS(mprotect(at, 6 * PAGE, PROT_READ));
    for (int i = 0; i < 6; i++) {
        SAME(try_read(at + i * PAGE), NO_FAULT);
        SAME(try_write(at + i * PAGE), ACCERR);
    }
}

void test_mprotect_stops_at_hole(void) {
    uint32_t at = map_pages(3);
    WORKS(munmap(at + PAGE, PAGE));
    FAILS(mprotect(at, 3 * PAGE, PROT_READ), ENOMEM);
    SAME(try_write(at), ACCERR); /* what is before the hole has been done */
    SAME(try_write(at + 2 * PAGE), NO_FAULT);
}

void test_mprotect_errors(void) {
    uint32_t at = map_pages(1);
    FAILS(mprotect(at + 1, PAGE, PROT_READ), EINVAL);
    FAILS(mprotect(at, PAGE, 0x100), EINVAL);
    WORKS(mprotect(at, 0, PROT_READ));
    FAILS(mprotect(kernel_start(), PAGE, PROT_READ), ENOMEM);
    WORKS(munmap(at, PAGE));
    FAILS(mprotect(at, PAGE, PROT_READ), ENOMEM);
}

void test_mprotect_execute(void) {
    if (!has_nx()) skip("this machine cannot forbid execution");
    uint32_t at = map_pages(1);
    *bytes_at(at) = 0xC3;
    SAME(try_call(at), ACCERR);
    WORKS(mprotect(at, PAGE, PROT_READ | PROT_EXEC));
    SAME(try_call(at), NO_FAULT);
    SAME(try_write(at), ACCERR);
    WORKS(mprotect(at, PAGE, PROT_READ));
    SAME(try_call(at), ACCERR);
}

void test_mprotect_before_first_touch(void) {
    uint32_t at = map_pages(2);
    WORKS(mprotect(at, PAGE, PROT_READ));
    SAME(try_write(at), ACCERR);
    SAME(try_read(at), NO_FAULT);
    WORKS(mprotect(at, PAGE, RW));
    SAME(try_write(at), NO_FAULT);
    SAME(*bytes_at(at), 1);
}

void test_mprotect_code_writable(void) {
    uint32_t page = (uint32_t)test_mprotect_code_writable & -PAGE;
    uint8_t was = *bytes_at(page);
    SAME(try_write(page), ACCERR);
    WORKS(mprotect(page, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
    *bytes_at(page) = (uint8_t)~was; /* a copy of this process's */
    SAME(*bytes_at(page), (uint8_t)~was);
    *bytes_at(page) = was;
    SAME(end_of_role("exit", "3"), EXITED(3)); /* the file is what it was */
}
