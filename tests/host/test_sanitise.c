/*
 * test_sanitise.c: the memory map, on maps as bad as BIOSes have been seen to give, and on random
 * ones against a model that looks at every page by itself.
 */
#include "cmocka_test.h"

#include <stdlib.h>

#include "no_disk.h"
#include "sanitise.h"

#define LOW_END 0x9FC00
#define MB 0x100000ull

static struct memory_range map[MEMORY_MAP_MAX];
static struct map_loss loss;

static uint32_t sanitise(const struct memory_range *raw, uint32_t count) {
    loss = (struct map_loss){0, 0};
    uint32_t ranges = map_sanitise(map, MEMORY_MAP_MAX, raw, count, LOW_END, &loss);

    for (uint32_t i = 0; i < ranges; i++) {
        assert_true(map[i].length > 0);
        if (i) assert_true(map[i - 1].base + map[i - 1].length <= map[i].base);
    }
    return ranges;
}

static void plain(void **state) {
    (void)state;
    const struct memory_range raw[] = {
        {0, LOW_END, 1, 1}, {LOW_END, 0x400, 2, 1}, {0xF0000, 0x10000, 2, 1}, {MB, 63 * MB, 1, 1},
    };
    assert_int_equal(sanitise(raw, 4), 4);
    assert_int_equal(map[0].type, MEMORY_RESERVED); /* page 0 */
    assert_int_equal(map[1].base, 0x1000);
    assert_int_equal(map[1].length, LOW_END - 0x1000);
    assert_int_equal(map[2].base, LOW_END);
    assert_int_equal(map[2].length, MB - LOW_END);
    assert_int_equal(map[3].base, MB);
    assert_int_equal(map[3].length, 63 * MB);
}

static void reserved_inside_usable(void **state) {
    (void)state;
    const struct memory_range raw[] = {{MB, 63 * MB, 1, 1}, {16 * MB, MB, 2, 1}};
    assert_int_equal(sanitise(raw, 2), 5);
    assert_false(map_usable(map, 5, 16 * MB, 1));
    assert_true(map_usable(map, 5, 17 * MB, MB));
    assert_false(map_usable(map, 5, 15 * MB, 2 * MB));
}

static void neighbours_merge(void **state) {
    (void)state;
    const struct memory_range raw[] = {{3 * MB, MB, 1, 1}, {MB, MB, 1, 1}, {2 * MB, MB, 1, 1}};
    assert_int_equal(sanitise(raw, 3), 3);
    assert_int_equal(map[2].length, 3 * MB);
}

static void empty_and_unknown(void **state) {
    (void)state;
    const struct memory_range raw[] = {{MB, 0, 1, 1}, {4 * MB, MB, 77, 1}};
    assert_int_equal(sanitise(raw, 2), 3);
    assert_int_equal(map[2].base, 4 * MB);
    assert_int_equal(map[2].type, MEMORY_RESERVED);
}

/* A BIOS may say of every range that it is to be ignored; so nobody asks it. */
static void attributes_are_not_believed(void **state) {
    (void)state;
    const struct memory_range raw[] = {{0, LOW_END, 1, 0}, {MB, 63 * MB, 1, 0}, {MB, MB, 2, 0}};
    uint32_t count = sanitise(raw, 3);
    assert_true(map_usable(map, count, 2 * MB, 62 * MB));
    assert_false(map_usable(map, count, MB, MB));
}

static void end_of_the_address_space(void **state) {
    (void)state;
    const struct memory_range raw[] = {{UINT64_MAX - 0xFFF, 0x2000, 2, 1}, {4096 * MB, MB, 1, 1}};
    assert_int_equal(sanitise(raw, 2), 4);
    assert_true(map[3].base == UINT64_MAX - 0xFFF);
}

static uint64_t usable_bytes(uint32_t count) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < count; i++)
        if (map[i].type == MEMORY_USABLE) bytes += map[i].length;
    return bytes;
}

/* 128 of them and two below 1 MB, which are not usable and go first; in less room, the smallest. */
static void too_many_usable(void **state) {
    (void)state;
    struct memory_range raw[MEMORY_MAP_MAX];
    for (uint32_t i = 0; i < MEMORY_MAP_MAX; i++)
        raw[i] = (struct memory_range){MB + i * 0x20000, 0x18000 - i * 0x100, 1, 1};
    raw[MEMORY_MAP_MAX - 1].length = 0x10000 + 256 * MB;
    assert_int_equal(sanitise(raw, MEMORY_MAP_MAX), MEMORY_MAP_MAX);
    assert_int_equal(loss.ranges, 2);
    assert_int_equal(loss.usable, 0);
    assert_true(map_usable(map, MEMORY_MAP_MAX, raw[127].base, raw[127].length));

    assert_int_equal(map_sanitise(map, 100, raw, MEMORY_MAP_MAX, LOW_END, &loss), 100);
    assert_true(map_usable(map, 100, raw[127].base, raw[127].length));
    assert_true(map_usable(map, 100, raw[0].base, raw[0].length));
    assert_false(map_usable(map, 100, raw[126].base, 1));
}

/* 1,023 MB in one range with 102 holes: there is no room for the holes, but for all of the memory. */
static void holes_do_not_cost_memory(void **state) {
    (void)state;
    struct memory_range raw[103] = {{MB, 1023 * MB, 1, 1}};
    for (uint32_t i = 1; i < 103; i++)
        raw[i] = (struct memory_range){MB + i * 0x20000, 0x1000, 2, 1};
    uint32_t count = sanitise(raw, 103);
    assert_int_equal(count, MEMORY_MAP_MAX);
    assert_int_equal(usable_bytes(count), 1023 * MB - 102 * 0x1000);
    assert_int_equal(loss.ranges, 103 + 102 + 2 - MEMORY_MAP_MAX);
    assert_int_equal(loss.usable, 0);
    for (uint32_t i = 1; i < 103; i++) assert_false(map_usable(map, count, raw[i].base, 1));
}

/* What is reserved is never left out of the raw map: it may lie over memory that is kept. */
static void raw_keeps_what_is_reserved(void **state) {
    (void)state;
    struct memory_range raw[8];
    uint32_t count = 0;
    loss = (struct map_loss){0, 0};
    for (uint32_t i = 0; i < 20; i++) {
        struct memory_range range = {(i + 1) * MB, (i + 1) * 0x1000, i % 3 ? 1 : 2, 1};
        map_add_raw(raw, &count, 8, &range, &loss);
    }
    assert_int_equal(count, 8);
    for (uint32_t i = 0, reserved = 0; i < 8; i++) {
        if (i) assert_true(raw[i].base > raw[i - 1].base);
        if (raw[i].type == MEMORY_RESERVED) assert_int_equal(raw[i].base, (3 * reserved++ + 1) * MB);
        if (i == 7) assert_int_equal(reserved, 7);
    }
    assert_int_equal(loss.ranges, 12);
    assert_int_equal(raw[7].base, 20 * MB); /* the largest */
}

/* A BIOS that never comes to an end of its list, and one that tells its memory in 200 pieces. */
static void raw_merges_before_it_loses(void **state) {
    (void)state;
    const struct memory_range told[] = {{MB, 63 * MB, 1, 1}, {0, LOW_END, 1, 1}, {64 * MB, MB, 2, 1}};
    struct memory_range raw[8];
    uint32_t count = 0;
    loss = (struct map_loss){0, 0};
    for (uint32_t i = 0; i < 1000; i++) map_add_raw(raw, &count, 8, &told[i % 3], &loss);
    assert_int_equal(count, 8);
    assert_int_equal(loss.ranges, 0);

    count = 0;
    for (uint64_t i = 0; i < 200; i++)
        map_add_raw(raw, &count, 8, &(struct memory_range){MB + i * 0x10000, 0x10000, 1, 1}, &loss);
    assert_int_equal(loss.ranges, 0);
    count = sanitise(raw, count);
    assert_true(map_usable(map, count, MB, 200 * 0x10000));
}

static void room(void **state) {
    (void)state;
    const struct memory_range raw[] = {{MB, MB, 1, 1}, {4 * MB, 8 * MB, 1, 1}};
    uint32_t count = sanitise(raw, 2);
    assert_int_equal(map_find_room(map, count, MB + 1, 0x1000, UINT32_MAX), MB + 0x1000);
    assert_int_equal(map_find_room(map, count, MB, 2 * MB, UINT32_MAX), 4 * MB);
    assert_int_equal(map_find_room(map, count, MB, 9 * MB, UINT32_MAX), 0);
    assert_int_equal(map_find_room(map, count, 5 * MB, 2 * MB, 6 * MB), 0);
}

/* What a page is, said by looking at it alone. */
static uint32_t model(const struct memory_range *raw, uint32_t count, uint64_t page) {
    static const int strength[] = {4, 1, 4, 2, 3, 5};
    uint64_t at = page * 0x1000;
    uint32_t type = at < 0x1000 || (at >= 0xA0000 && at < MB) ? MEMORY_RESERVED : 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!raw[i].length) continue;
        if (at < raw[i].base || at >= raw[i].base + raw[i].length) continue;
        uint32_t claimed = strength[raw[i].type] == 4 ? (uint32_t)MEMORY_RESERVED : raw[i].type;
        if (!type || strength[claimed] > strength[type]) type = claimed;
    }
    return type;
}

static uint32_t random_map(struct memory_range *raw) {
    uint32_t count = (uint32_t)rand() % 13;
    for (uint32_t i = 0; i < count; i++)
        raw[i] = (struct memory_range){(uint64_t)(rand() % 400) * 0x1000,
                                       (uint64_t)(rand() % 100) * 0x1000, (uint32_t)rand() % 6,
                                       (uint32_t)rand() % 2};
    return count;
}

/* The type of a page in the first `ranges` of the map; 0 if none speaks of it. */
static uint32_t page_type(uint32_t ranges, uint64_t page) {
    for (uint32_t i = 0; i < ranges; i++)
        if (page * 0x1000 >= map[i].base && page * 0x1000 < map[i].base + map[i].length)
            return map[i].type;
    return 0;
}

static void random_maps_agree_with_a_model(void **state) {
    (void)state;
    srand(1);
    for (int round = 0; round < 2000; round++) {
        struct memory_range raw[12];
        uint32_t count = random_map(raw);
        uint32_t ranges = map_sanitise(map, MEMORY_MAP_MAX, raw, count, 0xA0000, &loss);
        for (uint64_t page = 0; page < 512; page++)
            assert_int_equal(page_type(ranges, page), model(raw, count, page));
    }
}

/* Nothing becomes usable, and of what is usable all that is missing is counted. */
static void random_maps_in_too_little_room(void **state) {
    (void)state;
    srand(2);
    for (int round = 0; round < 2000; round++) {
        struct memory_range raw[12];
        uint32_t count = random_map(raw), max = 1 + (uint32_t)rand() % 8;
        loss = (struct map_loss){0, 0};
        uint32_t ranges = map_sanitise(map, max, raw, count, 0xA0000, &loss);
        uint64_t missing = 0;
        assert_true(ranges <= max);
        for (uint64_t page = 0; page < 512; page++) {
            uint32_t is = page_type(ranges, page), should = model(raw, count, page);
            if (is) assert_int_equal(is, should);
            if (should == MEMORY_USABLE && !is) missing += 0x1000;
        }
        assert_int_equal(missing, loss.usable);
        assert_true(!missing || ranges == max);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),
        cmocka_unit_test(reserved_inside_usable),
        cmocka_unit_test(neighbours_merge),
        cmocka_unit_test(empty_and_unknown),
        cmocka_unit_test(attributes_are_not_believed),
        cmocka_unit_test(end_of_the_address_space),
        cmocka_unit_test(too_many_usable),
        cmocka_unit_test(holes_do_not_cost_memory),
        cmocka_unit_test(raw_keeps_what_is_reserved),
        cmocka_unit_test(raw_merges_before_it_loses),
        cmocka_unit_test(room),
        cmocka_unit_test(random_maps_agree_with_a_model),
        cmocka_unit_test(random_maps_in_too_little_room),
    };
    return cmocka_run_group_tests_name("sanitise", tests, 0, 0);
}
