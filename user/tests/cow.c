/*
 * cow.c: copy-on-write: what fork() shares, and when that ends.
 */
#include "test.h"

#define PAGES 32

static uint32_t filled(uint32_t pages) {
    uint32_t at = map_pages(pages);
    for (uint32_t i = 0; i < pages; i++) *words_at(at + i * PAGE) = i + 1;
    return at;
}

void test_cow_child_write_is_its_own(void) {
    uint32_t at = filled(PAGES);
    int32_t child = WORKS(fork());
    if (!child) {
        for (uint32_t i = 0; i < PAGES; i++) SAME(*words_at(at + i * PAGE), i + 1);
        for (uint32_t i = 0; i < PAGES; i++) *words_at(at + i * PAGE) = 1000 + i;
        for (uint32_t i = 0; i < PAGES; i++) SAME(*words_at(at + i * PAGE), 1000 + i);
        _exit(0);
    }
    SAME(ended(child), EXITED(0));
    for (uint32_t i = 0; i < PAGES; i++) SAME(*words_at(at + i * PAGE), i + 1);
}

/* Lets two processes take turns: each waits for a byte. */
static void wait_for(int fd) {
    char c;
    SAME(read(fd, &c, 1), 1);
}
static void go_on(int fd) {
    SAME(write(fd, "x", 1), 1);
}

void test_cow_parent_write_is_its_own(void) {
    uint32_t at = filled(PAGES);
    int ends[2];
    WORKS(pipe(ends));
    int32_t child = WORKS(fork());
    if (!child) {
        wait_for(ends[0]); /* until the parent has written */
        for (uint32_t i = 0; i < PAGES; i++) SAME(*words_at(at + i * PAGE), i + 1);
        _exit(0);
    }
    for (uint32_t i = 0; i < PAGES; i++) *words_at(at + i * PAGE) = 7;
    go_on(ends[1]);
    SAME(ended(child), EXITED(0));
}

void test_cow_one_fault_per_page(void) {
    uint32_t at = filled(PAGES);
    int32_t child = WORKS(fork());
    if (!child) {
        uint32_t before = minor_faults();
        for (uint32_t i = 0; i < PAGES; i++) *words_at(at + i * PAGE) = 2;
        SAME(minor_faults() - before, PAGES);
        _exit(0);
    }
    SAME(ended(child), EXITED(0));
}

void test_cow_reading_costs_nothing(void) {
    uint32_t at = filled(PAGES);
    int32_t child = WORKS(fork());
    if (!child) {
        uint32_t before = minor_faults(), sum = 0;
        for (uint32_t i = 0; i < PAGES; i++) sum += *words_at(at + i * PAGE);
        SAME(sum, PAGES * (PAGES + 1) / 2);
        SAME(minor_faults() - before, 0);
        _exit(0);
    }
    SAME(ended(child), EXITED(0));
}

void test_cow_three_generations(void) {
    uint32_t at = filled(4);
    int32_t child = WORKS(fork());
    if (!child) {
        int32_t grandchild = WORKS(fork());
        if (!grandchild) {
            *words_at(at) = 30;
            SAME(*words_at(at + PAGE), 2);
            _exit(0);
        }
        SAME(ended(grandchild), EXITED(0));
        SAME(*words_at(at), 1);
        *words_at(at) = 20;
        _exit(0);
    }
    SAME(ended(child), EXITED(0));
    SAME(*words_at(at), 1);
}

void test_cow_system_call_writes_copy(void) {
    uint32_t at = filled(2);
    int fd = make_file("/tmp/cow", PAGE);
    int32_t child = WORKS(fork());
    if (!child) {
        SAME(pread(fd, (void *)at, 100, 0), 100); /* the kernel writes: copied all the same */
        SAME(*bytes_at(at), PATTERN(0));
        _exit(0);
    }
    SAME(ended(child), EXITED(0));
    SAME(*words_at(at), 1);
    WORKS(unlink("/tmp/cow"));
}

void test_cow_data_and_bss(void) {
    static uint32_t data = 5, bss[2000];
    bss[1500] = 6;
    int32_t child = WORKS(fork());
    if (!child) {
        SAME(data, 5);
        SAME(bss[1500], 6);
        data = bss[1500] = 9;
        _exit(0);
    }
    SAME(ended(child), EXITED(0));
    SAME(data, 5);
    SAME(bss[1500], 6);
}

void test_cow_stack(void) {
    volatile int here = 5;
    int32_t child = WORKS(fork());
    if (!child) {
        here = 6;
        _exit(here);
    }
    SAME(ended(child), EXITED(6));
    SAME(here, 5);
}

void test_cow_read_only_stays_read_only(void) {
    uint32_t at = filled(1);
    WORKS(mprotect(at, PAGE, PROT_READ));
    int32_t child = WORKS(fork());
    if (!child) {
        SAME(try_write(at), ACCERR);
        WORKS(mprotect(at, PAGE, PROT_READ | PROT_WRITE));
        *words_at(at) = 9;
        _exit(0);
    }
    SAME(ended(child), EXITED(0));
    SAME(*words_at(at), 1);
}

void test_cow_after_mprotect_still_private(void) {
    uint32_t at = filled(1);
    int32_t child = WORKS(fork());
    if (!child) {
        WORKS(mprotect(at, PAGE, PROT_READ));
        WORKS(mprotect(at, PAGE, PROT_READ | PROT_WRITE));
        *words_at(at) = 9;
        _exit(0);
    }
    SAME(ended(child), EXITED(0));
    SAME(*words_at(at), 1);
}

void test_cow_many_children(void) {
    uint32_t at = filled(PAGES);
    int32_t children[20];
    for (uint32_t n = 0; n < 20; n++) {
        children[n] = WORKS(fork());
        if (!children[n]) {
            for (uint32_t i = 0; i < PAGES; i++) *words_at(at + i * PAGE) += n;
            for (uint32_t i = 0; i < PAGES; i++) SAME(*words_at(at + i * PAGE), i + 1 + n);
            _exit(0);
        }
    }
    for (int n = 0; n < 20; n++) SAME(ended(children[n]), EXITED(0));
    for (uint32_t i = 0; i < PAGES; i++) SAME(*words_at(at + i * PAGE), i + 1);
}

void test_cow_munmap_in_child(void) {
    uint32_t at = filled(4);
    int32_t child = WORKS(fork());
    if (!child) {
        WORKS(munmap(at, 4 * PAGE));
        _exit(0);
    }
    SAME(ended(child), EXITED(0));
    for (uint32_t i = 0; i < 4; i++) SAME(*words_at(at + i * PAGE), i + 1);
}

void test_cow_dontneed_in_child(void) {
    uint32_t at = filled(4);
    int32_t child = WORKS(fork());
    if (!child) {
        WORKS(madvise(at, 4 * PAGE, MADV_DONTNEED));
        SAME(*words_at(at), 0);
        *words_at(at) = 3;
        _exit(0);
    }
    SAME(ended(child), EXITED(0));
    SAME(*words_at(at), 1);
}

void test_cow_mremap_in_child(void) {
    uint32_t at = filled(4);
    int32_t child = WORKS(fork());
    if (!child) {
        uint32_t moved = WORKS(mremap(at, 3 * PAGE, 9 * PAGE, MREMAP_MAYMOVE, 0));
        SAME(*words_at(moved + PAGE), 2);
        *words_at(moved + PAGE) = 9;
        _exit(0);
    }
    SAME(ended(child), EXITED(0));
    SAME(*words_at(at + PAGE), 2);
}

void test_cow_zero_page_after_fork(void) {
    uint32_t at = map_pages(2);
    SAME(*words_at(at), 0); /* the zero page is in both */
    int32_t child = WORKS(fork());
    if (!child) {
        *words_at(at) = 1;
        SAME(*words_at(at), 1);
        _exit(0);
    }
    SAME(ended(child), EXITED(0));
    SAME(*words_at(at), 0);
    *words_at(at) = 2;
    SAME(*words_at(at), 2);
}

static void nothing(void) {}

void test_cow_last_owner_keeps_contents(void) {
    uint32_t at = filled(PAGES);
    SAME(end_of(nothing), EXITED(0));
    for (uint32_t i = 0; i < PAGES; i++) *words_at(at + i * PAGE) += 100;
    for (uint32_t i = 0; i < PAGES; i++) SAME(*words_at(at + i * PAGE), i + 101);
}
