/*
 * test_early.c: the early allocator: ranges as untidy as boot leaves them, and a model that knows
 * each frame by itself.
 */
#include "cmocka_test.h"

#include "fake/memory_test.h"

#include <cpu/symbols.h>
#include <mm/early.h>

/* buddy.c is linked too, but nothing here asks it for HIGHMEM. */
void page_zero(struct page *page) {
    (void)page;
}

#define MB 0x100000ull
#define LIMIT phys_addr(DIRECT_MAP_MAX)

/* As on a PC with 16 MB: low memory ends inside a page. */
static const struct memory_range pc_map[] = {
    {0, 0x1000, MEMORY_RESERVED, 1},
    {0x1000, 0x9EC00, MEMORY_USABLE, 1},
    {0x9FC00, 0x60400, MEMORY_RESERVED, 1},
    {MB, 15 * MB, MEMORY_USABLE, 1},
};
#define PC_FRAMES (0x9E + 15 * 256)

const char *symbol_find(uint32_t address, uint32_t *offset) {
    (void)address;
    *offset = 0;
    return "a_latecomer";
}

static uint32_t frames_of(enum page_owner owner) {
    uint32_t frames = 0;
    struct early_run run = {0};
    while (early_next_run(run.end, &run)) {
        assert_true(run.first < run.end);
        if (run.owner == owner) frames += run.end - run.first;
    }
    return frames;
}

static enum page_owner owner_at(uint32_t frame) {
    struct early_run run;
    assert_true(early_next_run(frame, &run));
    return run.first == frame ? run.owner : OWNERS;
}

static void whole_usable_frames(void **state) {
    (void)state;
    early_init(pc_map, 4);
    assert_int_equal(frames_of(OWNER_FREE), PC_FRAMES);
    assert_int_equal(owner_at(0x9E), OWNER_FREE);
    assert_int_equal(owner_at(0x9F), OWNERS); /* half of it is the EBDA's */

    const struct memory_range untidy[] = {{0, 0x2FFF, MEMORY_USABLE, 1},
                                          {0x4001, 0x1FFF, MEMORY_USABLE, 1},
                                          {0x8800, 0x800, MEMORY_USABLE, 1},
                                          {UINT64_MAX - 0xFFF, 0x1000, MEMORY_USABLE, 1}};
    early_init(untidy, 4);
    assert_int_equal(frames_of(OWNER_FREE), 2); /* 1 and 5: never 0 */
    assert_int_equal(owner_at(1), OWNER_FREE);
    assert_int_equal(owner_at(5), OWNER_FREE);
}

static void reserved_from_within_a_page(void **state) {
    (void)state;
    early_init(pc_map, 4);
    early_reserve(phys_addr(2 * MB + 0xFFF), 2, OWNER_INITRD);
    assert_int_equal(frames_of(OWNER_INITRD), 2);
    early_reserve(phys_addr(3 * MB + 1), 0, OWNER_INITRD);
    assert_int_equal(frames_of(OWNER_INITRD), 2);
    early_reserve(phys_addr(0x9F000), 0x61001, OWNER_KERNEL); /* a hole and one frame */
    assert_int_equal(frames_of(OWNER_KERNEL), 1);
    early_reserve(phys_addr(15 * MB), UINT64_MAX, OWNER_OTHER); /* not past the end */
    assert_int_equal(frames_of(OWNER_OTHER), 256);
    assert_int_equal(frames_of(OWNER_FREE), PC_FRAMES - 2 - 1 - 256);
}

static void first_claim_stands(void **state) {
    (void)state;
    early_init(pc_map, 4);
    early_reserve(phys_addr(4 * MB), MB, OWNER_INITRD);
    early_reserve(phys_addr(6 * MB), MB, OWNER_SYMBOLS);
    early_reserve(phys_addr(3 * MB), 5 * MB, OWNER_LOADER); /* around and between both */
    early_reserve(phys_addr(4 * MB), 2 * MB, OWNER_KERNEL); /* nothing is left of it */
    assert_int_equal(frames_of(OWNER_INITRD), 256);
    assert_int_equal(frames_of(OWNER_SYMBOLS), 256);
    assert_int_equal(frames_of(OWNER_LOADER), 3 * 256);
    assert_int_equal(frames_of(OWNER_KERNEL), 0);
}

static void aligned_below_the_limit_from_the_top(void **state) {
    (void)state;
    early_init(pc_map, 4);
    assert_int_equal(early_alloc(1, 1, OWNER_OTHER, LIMIT).value, 16 * MB - 0x1000);
    assert_int_equal(early_alloc(0x1001, 0, OWNER_OTHER, LIMIT).value, 16 * MB - 0x3000);
    assert_int_equal(early_alloc(0x3000, 0x4000, OWNER_OTHER, LIMIT).value, 16 * MB - 0x8000);
    assert_int_equal(early_alloc(MB, MB, OWNER_OTHER, LIMIT).value, 14 * MB);
    assert_int_equal(early_alloc(0x1000, 0, OWNER_OTHER, phys_addr(8 * MB)).value, 8 * MB - 0x1000);
    assert_int_equal(early_alloc(0x1000, 0, OWNER_OTHER, phys_addr(MB + 0xFFF)).value, 0x9E000);
    assert_int_equal(early_alloc(0x2000, 0, OWNER_OTHER, phys_addr(0x2FFF)).value, 0);
    assert_int_equal(early_alloc(0x1000, 0, OWNER_OTHER, phys_addr(0x2FFF)).value, 0x1000);
    assert_int_equal(early_alloc(0x1000, 0, OWNER_OTHER, phys_addr(0x2FFF)).value, 0);
    assert_int_equal(early_alloc(0, 0, OWNER_OTHER, LIMIT).value, 0);
    assert_int_equal(early_alloc(16 * MB, 0, OWNER_OTHER, LIMIT).value, 0);
    assert_int_equal(early_alloc(UINT64_MAX, 0, OWNER_OTHER, LIMIT).value, 0);
    assert_int_equal(frames_of(OWNER_OTHER), 1 + 2 + 3 + 256 + 1 + 1 + 1);
}

static void exhaustion(void **state) {
    (void)state;
    static bool seen[16 * 256];
    early_init(pc_map, 4);
    memset(seen, 0, sizeof seen);
    for (uint32_t i = 0; i < PC_FRAMES; i++) {
        uint64_t phys = early_alloc(PAGE_SIZE, PAGE_SIZE, OWNER_PAGE_TABLE, LIMIT).value;
        assert_int_not_equal(phys, 0);
        assert_false(seen[phys / PAGE_SIZE]);
        seen[phys / PAGE_SIZE] = true;
    }
    assert_int_equal(early_alloc(1, 1, OWNER_PAGE_TABLE, LIMIT).value, 0);
    assert_int_equal(frames_of(OWNER_PAGE_TABLE), PC_FRAMES);
    assert_int_equal(frames_of(OWNER_FREE), 0);
}

static void too_many_ranges(void **state) {
    (void)state;
    early_init(pc_map, 4);
    for (uint32_t i = 0; i < EARLY_RANGES_MAX; i++)
        early_reserve(phys_addr(MB + i * 0x2000), 1, OWNER_OTHER);
    early_reserve(phys_addr(MB + 0x1000), 1, OWNER_OTHER); /* joins two: one less */
    early_reserve(phys_addr(8 * MB), 1, OWNER_OTHER);
    PANICS("early allocator: more than 64 reserved ranges, at frame 900 for initrd",
           early_reserve(phys_addr(9 * MB), 1, OWNER_INITRD));
}

static void neighbours_are_one_range(void **state) {
    (void)state;
    early_init(pc_map, 4);
    for (uint32_t i = 0; i < EARLY_RANGES_MAX; i++)
        early_reserve(phys_addr(MB + i * 0x2000), 1, OWNER_OTHER);
    early_reserve(phys_addr(MB), MB, OWNER_OTHER); /* fills all gaps: one range is left */
    assert_int_equal(frames_of(OWNER_OTHER), 256);
    for (uint32_t i = 1; i < EARLY_RANGES_MAX; i++)
        early_reserve(phys_addr(2 * MB + i * 0x2000), 1, OWNER_OTHER);
    PANICS("more than 64 reserved ranges", early_reserve(phys_addr(9 * MB), 1, OWNER_OTHER));
}

static void retired(void **state) {
    (void)state;
    static const char text[] =
        "early allocator: used after the buddy allocator took over, by a_latecomer";
    struct early_run run;
    early_init(pc_map, 4);
    early_retire();
    PANICS(text, early_reserve(phys_addr(MB), 1, OWNER_OTHER));
    PANICS(text, early_alloc(1, 1, OWNER_OTHER, LIMIT));
    PANICS(text, early_next_run(0, &run));
}

/* Random maps, reservations and allocations; the model is one owner for each frame. */
#define MODEL_FRAMES 512
#define NOT_RAM OWNERS

static enum page_owner model[MODEL_FRAMES];

static void model_map(struct memory_range *map, uint32_t ranges) {
    uint64_t at = 0;
    for (uint32_t i = 0; i < MODEL_FRAMES; i++) model[i] = NOT_RAM;
    for (uint32_t i = 0; i < ranges; i++) {
        at += random_below(0x18000);
        uint64_t end = at + random_below(0x60000);
        map[i] = (struct memory_range){at, end - at, 1 + random_below(2), 1};
        for (uint64_t frame = 1; frame < MODEL_FRAMES; frame++)
            if (map[i].type == MEMORY_USABLE && frame * PAGE_SIZE >= at &&
                (frame + 1) * PAGE_SIZE <= end)
                model[frame] = OWNER_FREE;
        at = end + 1; /* or two ranges would be one, for all that a frame can tell */
    }
}

static void model_reserve(void) {
    uint64_t phys = random_below(MODEL_FRAMES * PAGE_SIZE), bytes = random_below(0x8000);
    enum page_owner owner = 1 + random_below(4);
    early_reserve(phys_addr(phys), bytes, owner);
    for (uint64_t frame = 0; frame < MODEL_FRAMES; frame++)
        if (bytes && model[frame] == OWNER_FREE && (frame + 1) * PAGE_SIZE > phys &&
            frame * PAGE_SIZE < phys + bytes)
            model[frame] = owner;
}

static bool model_free(uint32_t first, uint32_t frames) {
    for (uint32_t i = first; i < first + frames; i++)
        if (i >= MODEL_FRAMES || model[i] != OWNER_FREE) return false;
    return true;
}

static void model_alloc(void) {
    uint32_t frames = 1 + random_below(6), align = 1u << random_below(4);
    uint32_t limit = random_below(MODEL_FRAMES * PAGE_SIZE), wanted = 0;
    enum page_owner owner = 1 + random_below(4);
    for (uint32_t first = 0; first + frames <= limit / PAGE_SIZE; first += align)
        if (model_free(first, frames)) wanted = first;
    uint64_t phys = early_alloc(frames * PAGE_SIZE - random_below(PAGE_SIZE), align * PAGE_SIZE,
                                owner, phys_addr(limit))
                        .value;
    assert_int_equal(phys, (uint64_t)wanted * PAGE_SIZE);
    if (wanted)
        for (uint32_t i = 0; i < frames; i++) model[wanted + i] = owner;
}

static void model_compare(void) {
    static enum page_owner got[MODEL_FRAMES];
    struct early_run run = {0};
    for (uint32_t i = 0; i < MODEL_FRAMES; i++) got[i] = NOT_RAM;
    while (early_next_run(run.end, &run))
        for (uint32_t i = run.first; i < run.end && i < MODEL_FRAMES; i++) got[i] = run.owner;
    assert_memory_equal(got, model, sizeof model);
}

static void agrees_with_a_model(void **state) {
    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct memory_range map[6];
        uint32_t ranges = 1 + random_below(6);
        model_map(map, ranges);
        early_init(map, ranges);
        for (int i = 0; i < 20; i++) {
            if (random_below(2))
                model_reserve();
            else
                model_alloc();
        }
        model_compare();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_usable_frames),
        cmocka_unit_test(reserved_from_within_a_page),
        cmocka_unit_test(first_claim_stands),
        cmocka_unit_test(aligned_below_the_limit_from_the_top),
        cmocka_unit_test(exhaustion),
        cmocka_unit_test(too_many_ranges),
        cmocka_unit_test(neighbours_are_one_range),
        cmocka_unit_test(retired),
        cmocka_unit_test(agrees_with_a_model),
    };
    return cmocka_run_group_tests_name("early", tests, 0, 0);
}
