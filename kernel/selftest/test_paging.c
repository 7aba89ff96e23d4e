/*
 * test_paging.c: the tables in use map what the list of regions says, and nothing else.
 */
#include <ascent/layout.h>
#include <cpu/control.h>
#include <cpu/stack.h>
#include <mm/image.h>
#include <mm/pgtable.h>
#include <mm/regions.h>
#include <selftest/test.h>

static struct translation walk_to(uint32_t address) {
    return pt_translate(&kernel_mm, virt_addr(address));
}

static void root_is_cr3(void) {
    CHECK_EQUAL(kernel_mm.root.value, read_cr3() & kernel_mm.mode->root_mask);
}

/* NULL and all of the lower three gigabytes: a page in each megabyte. */
static void user_half_is_empty(void) {
    CHECK(!walk_to(0).present);
    for (uint32_t address = 0; address < PAGE_OFFSET; address += 0x100000)
        CHECK(!walk_to(address).present);
}

static void check_rights(const char *start, const char *end, bool writable, bool executable) {
    bool nx = kernel_mm.mode->usable_flags & PTE_NX;

    for (uint32_t address = (uint32_t)start; address < (uint32_t)end; address += PAGE_SIZE) {
        if (address == (uint32_t)kernel_stack_guard || address == (uint32_t)double_fault_stack_guard)
            continue;
        struct translation walk = walk_to(address);
        CHECK(walk.present && !walk.user);
        CHECK_EQUAL(walk.writable, writable);
        CHECK_EQUAL(walk.executable, executable || !nx);
        CHECK_EQUAL(walk.phys.value, address - PAGE_OFFSET);
    }
}

static void kernel_image_rights(void) {
    check_rights(__text_start, __text_end, false, true);
    check_rights(__rodata_start, __rodata_end, false, false);
    check_rights(__data_start, __bss_end, true, false);
}

static void guard_pages(void) {
    CHECK(!walk_to((uint32_t)kernel_stack_guard).present);
    CHECK(!walk_to((uint32_t)double_fault_stack_guard).present);
    CHECK(walk_to((uint32_t)kernel_stack).present);
}

/* One page of a region: where it leads, and the rights that it has. */
static void check_page(const struct region *region, uint32_t phys, const struct translation *walk) {
    bool nx = kernel_mm.mode->usable_flags & PTE_NX;

    CHECK(walk->present && !walk->user);
    CHECK_EQUAL(walk->phys.value, phys);
    CHECK_EQUAL(walk->writable, (region->flags & PTE_WRITE) != 0);
    CHECK_EQUAL(walk->executable, !nx || !(region->flags & PTE_NX));
}

/* Every page of every region, large or small; between regions there is nothing. */
static void regions_are_mapped(void) {
    uint32_t end;

    for (uint32_t phys = 0; phys < DIRECT_MAP_MAX; phys = end) {
        const struct region *region = region_at(phys, &end);
        bool mapped = region && region->flags;
        uint64_t page_bytes = PAGE_SIZE;
        for (uint32_t page = phys; page < end; page += (uint32_t)page_bytes) {
            struct translation walk = walk_to(PAGE_OFFSET + page);
            page_bytes = walk.present ? walk.page_bytes : PAGE_SIZE;
            if (mapped) check_page(region, page, &walk);
            else CHECK(!walk.present);
        }
    }
}

static void video_memory_is_not_cached(void) {
    struct translation walk = walk_to(PAGE_OFFSET + VGA_TEXT_ADDR);

    CHECK(walk.present && walk.writable);
    CHECK(walk.flags & PTE_PCD);
}

static const struct test_case cases[] = {
    {"root_is_cr3", root_is_cr3},
    {"user_half_is_empty", user_half_is_empty},
    {"kernel_image_rights", kernel_image_rights},
    {"guard_pages", guard_pages},
    {"regions_are_mapped", regions_are_mapped},
    {"video_memory_is_not_cached", video_memory_is_not_cached},
};

const struct test_suite suite_paging = TEST_SUITE("paging", cases);
