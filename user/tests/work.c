/*
 * work.c: programs that use much memory in some order, alone and side by side: the "page" tests of
 * Pintos. Every answer is checked with a sum or an order.
 */
#include "test.h"

#define WORK_BYTES (2 << 20)
static uint8_t work[WORK_BYTES];

/* A key stream: applied twice, everything is as it was. */
static void encrypt(uint8_t *at, uint32_t bytes, uint32_t key) {
    for (uint32_t i = 0; i < bytes; i++) {
        key = key * 1664525 + 1013904223;
        at[i] ^= (uint8_t)(key >> 24);
    }
}

void test_page_linear(void) {
    for (uint32_t i = 0; i < WORK_BYTES; i++) work[i] = 0x5A;
    encrypt(work, WORK_BYTES, 1);
    encrypt(work, WORK_BYTES, 1);
    for (uint32_t i = 0; i < WORK_BYTES; i++)
        if (work[i] != 0x5A) SAME(work[i], 0x5A);
}

void test_page_parallel(void) {
    int32_t children[4];
    for (int n = 0; n < 4; n++) {
        children[n] = WORKS(fork());
        if (!children[n]) {
            test_page_linear();
            _exit(0x42);
        }
    }
    for (int n = 0; n < 4; n++) SAME(ended(children[n]), EXITED(0x42));
}

void test_page_shuffle(void) {
    uint32_t seed = 5, sum = 0, after = 0;
    for (uint32_t i = 0; i < WORK_BYTES; i++) sum += work[i] = (uint8_t)(i * 257 >> 3);
    for (int round = 0; round < 2; round++)
        for (uint32_t i = WORK_BYTES - 1; i; i--) {
            seed = seed * 1664525 + 1013904223;
            uint32_t other = (seed >> 4) % i;
            uint8_t byte = work[i];
            work[i] = work[other];
            work[other] = byte;
        }
    for (uint32_t i = 0; i < WORK_BYTES; i++) after += work[i];
    SAME(after, sum);
}

/* Sorts bytes by counting them; on the stack, if asked. */
static void sort(volatile uint8_t *at, uint32_t bytes) {
    uint32_t counts[256] = {0};
    for (uint32_t i = 0; i < bytes; i++) counts[at[i]]++;
    for (uint32_t value = 0, i = 0; value < 256; value++)
        while (counts[value]--) at[i++] = (uint8_t)value;
}

enum how { THROUGH_FILES, ON_STACK, BY_MMAP };
#define CHUNK (64 << 10)
#define CHUNKS 8

static void sort_on_stack(int fd) {
    uint8_t buffer[CHUNK];
    SAME(pread(fd, buffer, CHUNK, 0), CHUNK);
    sort(buffer, CHUNK);
    SAME(pwrite(fd, buffer, CHUNK, 0), CHUNK);
}

static void sort_child(int fd, enum how how) {
    if (how == BY_MMAP) {
        sort(bytes_at(WORKS(mmap(0, CHUNK, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0))), CHUNK);
    } else if (how == ON_STACK) {
        sort_on_stack(fd);
    } else {
        SAME(pread(fd, work, CHUNK, 0), CHUNK);
        sort(work, CHUNK);
        SAME(pwrite(fd, work, CHUNK, 0), CHUNK);
    }
    _exit(0);
}

/* Children sort a chunk each, one after another or all at once; here they are merged. */
static void merge(enum how how, bool parallel) {
    int fds[CHUNKS];
    int32_t children[CHUNKS];
    uint32_t seed = 9, sum = 0, after = 0, heads[CHUNKS] = {0};
    for (int n = 0; n < CHUNKS; n++) {
        char path[32];
        for (uint32_t i = 0; i < CHUNK; i++) {
            seed = seed * 1664525 + 1013904223;
            sum += work[i] = (uint8_t)(seed >> 24);
        }
        format(path, sizeof path, "/tmp/chunk%d", n);
        fds[n] = make_file(path, 0);
        WORKS(unlink(path));
        SAME(pwrite(fds[n], work, CHUNK, 0), CHUNK);
        children[n] = WORKS(fork());
        if (!children[n]) sort_child(fds[n], how);
        if (!parallel) SAME(ended(children[n]), EXITED(0));
    }
    if (parallel)
        for (int n = 0; n < CHUNKS; n++) SAME(ended(children[n]), EXITED(0));
    for (uint32_t n = 0; n < CHUNKS; n++) SAME(pread(fds[n], work + n * CHUNK, CHUNK, 0), CHUNK);
    uint8_t last = 0;
    for (uint32_t done = 0; done < CHUNKS * CHUNK; done++) {
        int best = -1;
        for (int n = 0; n < CHUNKS; n++)
            if (heads[n] < CHUNK && (best < 0 || work[(uint32_t)n * CHUNK + heads[n]] <
                                                     work[(uint32_t)best * CHUNK + heads[best]]))
                best = n;
        uint8_t value = work[(uint32_t)best * CHUNK + heads[best]++];
        if (value < last) SAME(value, last);
        after += last = value;
    }
    SAME(after, sum);
}

void test_page_merge_in_turn(void) {
    merge(THROUGH_FILES, false);
}

void test_page_merge_parallel(void) {
    merge(THROUGH_FILES, true);
}

void test_page_merge_on_stack(void) {
    merge(ON_STACK, true);
}

void test_page_merge_by_mmap(void) {
    merge(BY_MMAP, true);
}

void test_bss_is_zero(void) {
    for (uint32_t i = 0; i < WORK_BYTES; i++)
        if (work[i]) SAME(work[i], 0);
}
