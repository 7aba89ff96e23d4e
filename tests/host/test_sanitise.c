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

static uint32_t sanitise(const struct memory_range *raw, uint32_t count) {
    uint32_t ranges = map_sanitise(map, MEMORY_MAP_MAX, raw, count, LOW_END);

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

static void empty_ignored_and_disabled(void **state) {
    (void)state;
    const struct memory_range raw[] = {{MB, 0, 1, 1}, {2 * MB, MB, 1, 0}, {4 * MB, MB, 77, 1}};
    assert_int_equal(sanitise(raw, 3), 3);
    assert_int_equal(map[2].base, 4 * MB);
    assert_int_equal(map[2].type, MEMORY_RESERVED);
}

static void end_of_the_address_space(void **state) {
    (void)state;
    const struct memory_range raw[] = {{UINT64_MAX - 0xFFF, 0x2000, 2, 1}, {4096 * MB, MB, 1, 1}};
    assert_int_equal(sanitise(raw, 2), 4);
    assert_true(map[3].base == UINT64_MAX - 0xFFF);
}

static void too_many(void **state) {
    (void)state;
    struct memory_range raw[MEMORY_MAP_MAX];
    for (uint32_t i = 0; i < MEMORY_MAP_MAX; i++)
        raw[i] = (struct memory_range){MB + i * 0x20000, 0x10000, 1, 1};
    assert_int_equal(sanitise(raw, MEMORY_MAP_MAX), MEMORY_MAP_MAX);
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
        if (!raw[i].length || !(raw[i].attributes & 1)) continue;
        if (at < raw[i].base || at >= raw[i].base + raw[i].length) continue;
        uint32_t claimed = strength[raw[i].type] == 4 ? (uint32_t)MEMORY_RESERVED : raw[i].type;
        if (!type || strength[claimed] > strength[type]) type = claimed;
    }
    return type;
}

static void random_maps_agree_with_a_model(void **state) {
    (void)state;
    srand(1);
    for (int round = 0; round < 2000; round++) {
        struct memory_range raw[12];
        uint32_t count = (uint32_t)rand() % 13;
        for (uint32_t i = 0; i < count; i++)
            raw[i] = (struct memory_range){(uint64_t)(rand() % 400) * 0x1000,
                                           (uint64_t)(rand() % 100) * 0x1000,
                                           (uint32_t)rand() % 6, (uint32_t)(rand() % 8 != 0)};
        uint32_t ranges = map_sanitise(map, MEMORY_MAP_MAX, raw, count, 0xA0000);
        for (uint64_t page = 0; page < 512; page++) {
            uint32_t got = 0;
            for (uint32_t i = 0; i < ranges; i++)
                if (page * 0x1000 >= map[i].base && page * 0x1000 < map[i].base + map[i].length)
                    got = map[i].type;
            assert_int_equal(got, model(raw, count, page));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),
        cmocka_unit_test(reserved_inside_usable),
        cmocka_unit_test(neighbours_merge),
        cmocka_unit_test(empty_ignored_and_disabled),
        cmocka_unit_test(end_of_the_address_space),
        cmocka_unit_test(too_many),
        cmocka_unit_test(room),
        cmocka_unit_test(random_maps_agree_with_a_model),
    };
    return cmocka_run_group_tests_name("sanitise", tests, 0, 0);
}
