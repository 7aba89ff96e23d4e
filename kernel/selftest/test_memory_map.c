/*
 * test_memory_map.c: what the loader promises about the sanitised memory map.
 */
#include <boot/boot.h>
#include <mm/addr.h>
#include <selftest/test.h>

static void sorted_without_overlap(void) {
    CHECK(boot_map_count > 0);
    for (uint32_t i = 0; i < boot_map_count; i++) {
        CHECK(boot_map[i].length > 0);
        CHECK(boot_map[i].base + boot_map[i].length > boot_map[i].base);
        if (i) CHECK(boot_map[i - 1].base + boot_map[i - 1].length <= boot_map[i].base);
    }
}

/* Does a usable range hold this byte? */
static int is_usable(uint64_t phys) {
    for (uint32_t i = 0; i < boot_map_count; i++)
        if (boot_map[i].type == MEMORY_USABLE && phys >= boot_map[i].base &&
            phys - boot_map[i].base < boot_map[i].length)
            return 1;
    return 0;
}

static void low_memory_excluded(void) {
    CHECK(!is_usable(0));
    CHECK(!is_usable(PAGE_SIZE - 1));
    for (uint32_t phys = LOW_MEMORY_END; phys < HIGH_MEMORY_START; phys += PAGE_SIZE)
        CHECK(!is_usable(phys));
}

/* No byte that the BIOS lists as anything but usable became usable: reserved wins. */
static void reserved_wins(void) {
    for (uint32_t i = 0; i < boot_raw_map_count; i++) {
        const struct memory_range *range = &boot_raw_map[i];
        if (range->type == MEMORY_USABLE || range->length == 0) continue;
        CHECK(!is_usable(range->base));
        CHECK(!is_usable(range->base + range->length - 1));
    }
}

static void kernel_is_in_usable_memory(void) {
    CHECK(is_usable(boot_info.kernel_phys));
    CHECK(is_usable(boot_info.kernel_phys_end - 1));
}

static const struct test_case cases[] = {
    {"sorted_without_overlap", sorted_without_overlap},
    {"low_memory_excluded", low_memory_excluded},
    {"reserved_wins", reserved_wins},
    {"kernel_is_in_usable_memory", kernel_is_in_usable_memory},
};

const struct test_suite suite_memory_map = TEST_SUITE("memory_map", cases);
