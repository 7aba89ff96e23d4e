/*
 * test_vm_area.c: areas of linear addresses, and a million random calls against an array that knows
 * of each page whose it is.
 */
#include "cmocka_test.h"

#include <mm/vm_area.h>
#include <stdlib.h>
#include <string.h>

#define START 0xF8000000u
#define PAGES 512u
#define AREAS 64
#define OPERATIONS 1000000

static struct vm_region region;
static struct vm_area areas[AREAS];

static int start(void **state) {
    (void)state;
    region = (struct vm_region){virt_addr(START), virt_addr(START + PAGES * PAGE_SIZE), NULL};
    memset(areas, 0, sizeof areas);
    return 0;
}

static bool alloc(unsigned i, uintptr_t bytes) {
    return vm_area_alloc(&region, &areas[i], bytes, VM_AREA_VMALLOC, &areas[i]);
}

static uint32_t page_of(const struct vm_area *area) {
    assert_int_equal(area->start.value % PAGE_SIZE, 0);
    return (uint32_t)((area->start.value - START) / PAGE_SIZE);
}

static struct vm_area *find(uintptr_t virt) {
    return vm_area_find(&region, virt_addr(virt));
}

static void fields(void **state) {
    (void)state;
    assert_true(vm_area_alloc(&region, &areas[0], 5000, VM_AREA_IOREMAP, "caller"));
    assert_int_equal(areas[0].start.value, START);
    assert_int_equal(areas[0].bytes, 5000);
    assert_int_equal(areas[0].flags, VM_AREA_IOREMAP);
    assert_string_equal(areas[0].caller, "caller");
}

/* Page by page: 1 + guard, 2 + guard, 1 + guard; a hole is taken again if all fits in. */
static void first_fit(void **state) {
    (void)state;
    assert_true(alloc(0, 1) && alloc(1, PAGE_SIZE + 1) && alloc(2, PAGE_SIZE));
    assert_int_equal(page_of(&areas[0]), 0);
    assert_int_equal(page_of(&areas[1]), 2);
    assert_int_equal(page_of(&areas[2]), 5);
    assert_true(vm_area_free(&region, &areas[1]));
    assert_true(alloc(3, 2 * PAGE_SIZE + 1)); /* needs 4, the hole has 3 */
    assert_int_equal(page_of(&areas[3]), 7);
    assert_true(alloc(1, 1));
    assert_int_equal(page_of(&areas[1]), 2);
    assert_true(alloc(4, 1)); /* one page is left of the hole: its guard does not fit */
    assert_int_equal(page_of(&areas[4]), 11);
}

static void whole_region(void **state) {
    (void)state;
    assert_false(alloc(0, 0));
    assert_false(alloc(0, PAGES * PAGE_SIZE));
    assert_false(alloc(0, (PAGES - 1) * PAGE_SIZE + 1));
    assert_false(alloc(0, UINT32_MAX));
    assert_false(alloc(0, UINTPTR_MAX));
    assert_true(alloc(0, (PAGES - 1) * PAGE_SIZE));
    assert_false(alloc(1, 1));
    assert_ptr_equal(find(START + PAGES * PAGE_SIZE - 1), &areas[0]);
    assert_null(find(START + PAGES * PAGE_SIZE));
    assert_null(find(START - 1));
}

static void find_and_guard(void **state) {
    (void)state;
    assert_true(alloc(0, 3 * PAGE_SIZE) && alloc(1, 100) && alloc(2, 100));
    assert_true(vm_area_free(&region, &areas[1]));
    uintptr_t end = START + 3 * PAGE_SIZE;
    assert_ptr_equal(find(START), &areas[0]);
    assert_ptr_equal(find(end - 1), &areas[0]);
    assert_false(vm_area_is_guard(&areas[0], virt_addr(end - 1)));
    assert_ptr_equal(find(end), &areas[0]);
    assert_true(vm_area_is_guard(&areas[0], virt_addr(end)));
    assert_true(vm_area_is_guard(&areas[0], virt_addr(end + PAGE_SIZE - 1)));
    assert_null(find(end + PAGE_SIZE));
    assert_null(find(0));
    assert_null(find(UINT32_MAX));
    /* What is left of the last page of an area is the area's. */
    assert_false(vm_area_is_guard(&areas[2], virt_addr(areas[2].start.value + 101)));
}

static void freed_twice(void **state) {
    (void)state;
    assert_true(alloc(0, 1) && alloc(1, 1));
    assert_true(vm_area_free(&region, &areas[0]));
    assert_false(vm_area_free(&region, &areas[0]));
    assert_false(vm_area_free(&region, &areas[2]));
    assert_ptr_equal(region.first, &areas[1]);
}

static void statistics(void **state) {
    (void)state;
    struct vm_region_stats stats;
    vm_region_stats(&region, &stats);
    assert_int_equal(stats.areas, 0);
    assert_int_equal(stats.free, PAGES * PAGE_SIZE);
    assert_int_equal(stats.largest, (PAGES - 1) * PAGE_SIZE);
    assert_true(alloc(0, 1) && alloc(1, 40 * PAGE_SIZE) && alloc(2, 466 * PAGE_SIZE));
    assert_true(vm_area_free(&region, &areas[1]));
    vm_region_stats(&region, &stats);
    assert_int_equal(stats.areas, 2);
    assert_int_equal(stats.used, 467 * PAGE_SIZE);
    assert_int_equal(stats.guards, 2 * PAGE_SIZE);
    assert_int_equal(stats.free, 43 * PAGE_SIZE);
    assert_int_equal(stats.largest, 40 * PAGE_SIZE);
}

/* ---- the model ------------------------------------------------------------------------------- */

static uint8_t owner[PAGES]; /* area + 1, 0: none; the guard page too */
static uint32_t pages[AREAS];

/* The first of `length` free pages in a row, or PAGES. */
static uint32_t model_hole(uint32_t length) {
    uint32_t row = 0;
    for (uint32_t page = 0; page < PAGES; page++) {
        row = owner[page] ? 0 : row + 1;
        if (row == length) return page - length + 1;
    }
    return PAGES;
}

static void check_all(void) {
    struct vm_region_stats stats;
    uint32_t used = 0, row = 0, longest = 0, count = 0;

    for (uint32_t page = 0; page < PAGES; page++) {
        struct vm_area *area = find(START + page * PAGE_SIZE + (uintptr_t)rand() % PAGE_SIZE);
        assert_ptr_equal(area, owner[page] ? &areas[owner[page] - 1] : NULL);
        used += owner[page] != 0;
        row = owner[page] ? 0 : row + 1;
        if (row > longest) longest = row;
    }
    for (unsigned i = 0; i < AREAS; i++) count += pages[i] != 0;
    vm_region_stats(&region, &stats);
    assert_int_equal(stats.areas, count);
    assert_int_equal(stats.used + stats.guards, used * PAGE_SIZE);
    assert_int_equal(stats.guards, count * PAGE_SIZE);
    assert_int_equal(stats.free, (PAGES - used) * PAGE_SIZE);
    assert_int_equal(stats.largest, longest > 1 ? (longest - 1) * PAGE_SIZE : 0);
}

static void random_calls_agree_with_a_model(void **state) {
    (void)state;
    srand(1);
    memset(owner, 0, sizeof owner);
    memset(pages, 0, sizeof pages);
    for (int i = 1; i <= OPERATIONS; i++) {
        uint32_t area = (uint32_t)rand() % AREAS;
        if (pages[area]) {
            assert_true(vm_area_free(&region, &areas[area]));
            memset(owner + page_of(&areas[area]), 0, pages[area] + 1);
            pages[area] = 0;
        } else {
            uintptr_t bytes = 1 + (uintptr_t)rand() % (rand() % 4 ? 8 : 100) * (PAGE_SIZE / 2);
            uint32_t length = (uint32_t)((bytes + PAGE_SIZE - 1) / PAGE_SIZE);
            uint32_t hole = model_hole(length + 1);
            assert_int_equal(alloc(area, bytes), hole < PAGES);
            if (hole == PAGES) continue;
            assert_int_equal(page_of(&areas[area]), hole);
            memset(owner + hole, (int)area + 1, length + 1);
            pages[area] = length;
            uintptr_t at = areas[area].start.value + (uintptr_t)length * PAGE_SIZE;
            assert_ptr_equal(find(at), &areas[area]);
            assert_true(vm_area_is_guard(&areas[area], virt_addr(at)));
            assert_false(vm_area_is_guard(&areas[area], virt_addr(at - 1)));
        }
        if (i % 10000 == 0 || rand() % 10000 == 0) check_all();
    }
    for (unsigned i = 0; i < AREAS; i++)
        if (pages[i]) assert_true(vm_area_free(&region, &areas[i]));
    assert_null(region.first);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(fields, start),
        cmocka_unit_test_setup(first_fit, start),
        cmocka_unit_test_setup(whole_region, start),
        cmocka_unit_test_setup(find_and_guard, start),
        cmocka_unit_test_setup(freed_twice, start),
        cmocka_unit_test_setup(statistics, start),
        cmocka_unit_test_setup(random_calls_agree_with_a_model, start),
    };
    return cmocka_run_group_tests_name("vm_area", tests, 0, 0);
}
