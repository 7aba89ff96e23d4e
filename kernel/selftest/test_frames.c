/*
 * test_frames.c: the page-frame allocator. Every case gives back what it took, and checks that the
 * counts return exactly to where they were.
 */
#include <boot/boot.h>
#include <lib/string.h>
#include <mm/direct_map.h>
#include <mm/frames.h>
#include <selftest/test.h>

#define SOME 64

static uint32_t before[FRAME_USES];

static void note_counts(void) {
    for (unsigned use = 0; use < FRAME_USES; use++) before[use] = frame_count(use);
}

static void check_counts_restored(void) {
    for (unsigned use = 0; use < FRAME_USES; use++) CHECK_EQUAL(frame_count(use), before[use]);
}

static void sum_is_total(void) {
    uint32_t sum = 0;
    for (unsigned use = 0; use < FRAME_USES; use++) sum += frame_count(use);
    CHECK_EQUAL(sum, frames_total());
}

/* The total, counted again in another way: page by page, as the map has them. */
static void total_is_the_map(void) {
    uint64_t frames = 0;
    for (uint32_t i = 0; i < boot_map_count; i++) {
        uint64_t first = (boot_map[i].base + PAGE_SIZE - 1) / PAGE_SIZE;
        uint64_t end = (boot_map[i].base + boot_map[i].length) / PAGE_SIZE;
        if (boot_map[i].type == MEMORY_USABLE && end > first) frames += end - first;
    }
    CHECK_EQUAL(frames, frames_total());
}

static void unique(void) {
    static pfn_t got[SOME];
    note_counts();
    for (unsigned i = 0; i < SOME; i++) {
        got[i] = frame_alloc(FRAME_ALLOCATED);
        CHECK(got[i].value != PFN_NONE.value);
        for (unsigned other = 0; other < i; other++) CHECK(got[i].value != got[other].value);
    }
    CHECK_EQUAL(frame_count(FRAME_ALLOCATED), before[FRAME_ALLOCATED] + SOME);
    CHECK_EQUAL(frame_count(FRAME_FREE), before[FRAME_FREE] - SOME);
    for (unsigned i = 0; i < SOME; i++) frame_free(got[i], FRAME_ALLOCATED);
    check_counts_restored();
}

/* Takes every frame, writing in each the number of the one before: a chain through all of memory.
 * A frame handed out twice, or one that something else uses, breaks the chain or this kernel. */
static void exhaustion(void) {
    uint32_t taken = 0, freed = 0;
    pfn_t last = PFN_NONE, frame;

    note_counts();
    while ((frame = frame_alloc(FRAME_ALLOCATED)).value != PFN_NONE.value) {
        uint32_t *words = phys_to_virt(pfn_to_phys(frame));
        words[0] = last.value;
        words[1] = ~last.value;
        last = frame;
        taken++;
    }
    CHECK_EQUAL(taken, before[FRAME_FREE]);
    CHECK_EQUAL(frame_count(FRAME_FREE), 0);
    while (last.value != PFN_NONE.value && freed < taken) {
        const uint32_t *words = phys_to_virt(pfn_to_phys(last));
        frame = pfn(words[0]);
        CHECK_EQUAL(words[1], ~words[0]);
        if (words[1] != ~words[0]) break;
        frame_free(last, FRAME_ALLOCATED);
        last = frame;
        freed++;
    }
    CHECK_EQUAL(freed, taken);
    check_counts_restored();
}

static const struct test_case cases[] = {
    {"sum_is_total", sum_is_total}, {"total_is_the_map", total_is_the_map},
    {"unique", unique},             {"exhaustion", exhaustion},
};

const struct test_suite suite_frames = TEST_SUITE("frames", cases);
