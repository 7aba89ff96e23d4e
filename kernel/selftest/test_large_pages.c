/*
 * test_large_pages.c: large pages of live kernel memory are split, changed in part, and taken away.
 * On a processor without large pages there are small ones in their place, and the rest is the same.
 */
#include <selftest/accounting.h>
#include <selftest/chain.h>
#include <mm/place.h>
#include <selftest/test.h>

#define BLOCK (PAGE_SIZE << ORDER_MAX) /* 4 MB: one large page in classic mode, two in PAE */
#define PAGES (1u << ORDER_MAX)
#define SOME 300 /* a page in the first large page of both modes */
#define NO_BLOCK "no 4 MB of memory in one piece"

static bool large_pages(void) {
    const struct paging_mode *mode = kernel_mm.mode;
    return level_has_large(&mode->level[mode->levels - 2]);
}

static virt_addr_t page_at(virt_addr_t virt, uint32_t page) {
    return virt_addr(virt.value + page * PAGE_SIZE);
}

static bool is_large(virt_addr_t virt) {
    return place_walk(virt).page_bytes > PAGE_SIZE;
}

static void fill(virt_addr_t virt, uint32_t start) {
    for (uint32_t i = 0; i < PAGES; i++) *place_word(virt, i) = start + i;
}

static void check_filled(virt_addr_t virt, uint32_t start) {
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < PAGES; i++) wrong += *place_word(virt, i) != start + i;
    CHECK_EQUAL(wrong, 0);
}

/* Splits a large page by changing one page in it: the others keep their rights and contents. */
static void change_one_page(virt_addr_t virt) {
    uint32_t tables = pages_of(OWNER_PAGE_TABLE);
    bool large = is_large(virt);

    CHECK_EQUAL(large, large_pages());
    fill(virt, 1000);
    if (!HAVE(place_protect(page_at(virt, SOME), PAGE_SIZE, 0, PTE_WRITE) == MAP_OK)) return;
    CHECK_EQUAL(pages_of(OWNER_PAGE_TABLE), tables + large);
    CHECK(!is_large(virt));
    CHECK(place_walk(page_at(virt, SOME - 1)).writable);
    CHECK(!place_walk(page_at(virt, SOME)).writable);
    CHECK(place_walk(page_at(virt, SOME + 1)).writable);
    check_filled(virt, 1000);
    CHECK_EQUAL(place_protect(page_at(virt, SOME), PAGE_SIZE, PTE_WRITE, 0), MAP_OK);
    fill(virt, 2000);
    check_filled(virt, 2000);
}

/* A space of its own, loaded: its lower half is empty, and large pages fit there in both modes. */
#define OWN_START 0x40000000u
static struct mm own;

static struct page *enter_own_space(void) {
    struct page *block = alloc_pages(GFP_KERNEL, ORDER_MAX, OWNER_OTHER);
    if (!block) {
        test_skip(NO_BLOCK);
        return NULL;
    }
    if (!HAVE(pt_create(&own) == MAP_OK)) {
        free_pages(block, ORDER_MAX);
        return NULL;
    }
    mm_load(&own);
    place_mm = &own;
    return block;
}

static void leave_own_space(struct page *block) {
    mm_load(&kernel_mm);
    place_mm = &kernel_mm;
    pt_destroy(&own, NULL);
    free_pages(block, ORDER_MAX);
}

/* A hole: the page is gone, its neighbours are not. */
static void make_a_hole(virt_addr_t virt) {
    if (!HAVE(place_unmap(page_at(virt, SOME), PAGE_SIZE) == MAP_OK)) return;
    CHECK(!place_walk(page_at(virt, SOME)).present);
    CHECK_EQUAL(*place_word(virt, SOME - 1), 2000 + SOME - 1);
    CHECK_EQUAL(*place_word(virt, SOME + 1), 2000 + SOME + 1);
    CHECK(!place_join(virt));
}

static void in_own_space(void) {
    const virt_addr_t virt = virt_addr(OWN_START);

    accounting_start();
    struct page *block = enter_own_space();
    if (!block) return;
    if (HAVE(place_map(virt, block, BLOCK) == MAP_OK)) {
        change_one_page(virt);
        make_a_hole(virt);
        CHECK_EQUAL(place_unmap(virt, BLOCK), MAP_OK);
    }
    leave_own_space(block);
    accounting_check();
}

/* PAE can split pages of the direct map: its tables hang below the one root entry that all spaces
 * share. In classic mode the root itself would change. */
static void in_direct_map(void) {
    accounting_start();
    struct page *block = alloc_pages(GFP_KERNEL, ORDER_MAX, OWNER_OTHER);
    if (!block) {
        test_skip(NO_BLOCK);
        return;
    }
    virt_addr_t virt = virt_addr((uintptr_t)page_address(block));
    if (large_pages() && kernel_mm.mode->levels == 2) {
        fill(virt, 4000);
        CHECK_EQUAL(place_split(virt), MAP_ROOT_FIXED);
        CHECK_EQUAL(place_protect(virt, PAGE_SIZE, 0, PTE_WRITE), MAP_ROOT_FIXED);
        CHECK_EQUAL(place_unmap(virt, PAGE_SIZE), MAP_ROOT_FIXED);
        CHECK_EQUAL(place_protect(virt, BLOCK, 0, PTE_WRITE), MAP_ROOT_FIXED);
        CHECK_EQUAL(place_unmap(virt, BLOCK), MAP_ROOT_FIXED);
        CHECK(is_large(virt) && place_walk(virt).writable);
        check_filled(virt, 4000);
    } else {
        change_one_page(virt);
        CHECK_EQUAL(place_split(page_at(virt, PAGES - 1)), MAP_OK); /* the second half */
        CHECK(!is_large(page_at(virt, PAGES - 1)));
        check_filled(virt, 2000);
        CHECK_EQUAL(place_join(virt), large_pages());
        CHECK_EQUAL(place_join(page_at(virt, PAGES - 1)), large_pages());
        fill(virt, 5000);
        check_filled(virt, 5000);
    }
    CHECK_EQUAL(is_large(virt), large_pages());
    free_pages(block, ORDER_MAX);
    accounting_check();
}

/* Without a frame for the table, all is as it was. */
static void change_without_memory(virt_addr_t virt) {
    CHECK_EQUAL(place_split(virt), MAP_NO_MEMORY);
    CHECK_EQUAL(place_unmap(page_at(virt, SOME), PAGE_SIZE), MAP_NO_MEMORY);
    CHECK_EQUAL(place_protect(page_at(virt, SOME), PAGE_SIZE, 0, PTE_WRITE), MAP_NO_MEMORY);
    CHECK(is_large(virt) && place_walk(virt).writable);
    check_filled(virt, 3000);
}

static void take_all_and_change(virt_addr_t virt) {
    struct chain all = {0};

    fill(virt, 3000);
    chain_take_all(&all, EVERYTHING, 0);
    if (HAVE(pages_of(OWNER_FREE) == 0)) change_without_memory(virt);
    CHECK_EQUAL(place_unmap(virt, BLOCK), MAP_OK); /* as a whole it needs no table */
    chain_free_all(&all);
}

static void no_memory(void) {
    const virt_addr_t virt = virt_addr(OWN_START);

    if (!large_pages()) {
        test_skip("this processor has no large pages");
        return;
    }
    accounting_start();
    struct page *block = enter_own_space();
    if (!block) return;
    if (HAVE(place_map(virt, block, BLOCK) == MAP_OK)) take_all_and_change(virt);
    leave_own_space(block);
    accounting_check();
}

static const struct test_case cases[] = {
    {"in_own_space", in_own_space},
    {"in_direct_map", in_direct_map},
    {"no_memory", no_memory},
};

const struct test_suite suite_large_pages = TEST_SUITE("large_pages", cases);
