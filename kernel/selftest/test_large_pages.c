/*
 * test_large_pages.c: large pages of live kernel memory are split, changed in part, and taken away.
 * On a processor without large pages there are small ones in their place, and the rest is the same.
 */
#include <lib/irq.h>
#include <mm/regions.h>
#include <selftest/accounting.h>
#include <selftest/chain.h>
#include <mm/place.h>
#include <selftest/test.h>

#define BLOCK (PAGE_SIZE << ORDER_MAX) /* 4 MB: one large page in classic mode, two in PAE */
#define PAGES (1u << ORDER_MAX)
#define SOME 300 /* a page in the first large page of both modes */
#define NO_BLOCK "no 4 MB of memory in one piece"

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

    CHECK_EQUAL(large, kernel_tables.large_pages);
    fill(virt, 1000);
    CHECK_EQUAL(place_protect(page_at(virt, SOME), PAGE_SIZE, PLACE_READ_ONLY), PAGE_OK);
    CHECK_EQUAL(pages_of(OWNER_PAGE_TABLE), tables + large);
    CHECK(!is_large(virt));
    CHECK(place_walk(page_at(virt, SOME - 1)).writable);
    CHECK(!place_walk(page_at(virt, SOME)).writable);
    CHECK(place_walk(page_at(virt, SOME + 1)).writable);
    check_filled(virt, 1000);
    CHECK_EQUAL(place_protect(page_at(virt, SOME), PAGE_SIZE, PLACE_DATA), PAGE_OK);
    fill(virt, 2000);
    check_filled(virt, 2000);
}

/* Takes addresses for a block, aligned to its size. */
static virt_addr_t take_aligned(struct vm_area *area) {
    uintptr_t start = place_take(area, 2 * BLOCK).value;
    return virt_addr((start + BLOCK - 1) & ~(uintptr_t)(BLOCK - 1));
}

static void in_vmalloc_range(void) {
    struct vm_area area;

    accounting_start();
    struct page *block = alloc_pages(GFP_KERNEL, ORDER_MAX, OWNER_OTHER);
    if (!block) {
        test_skip(NO_BLOCK);
        return;
    }
    virt_addr_t virt = take_aligned(&area);
    CHECK_EQUAL(place_map(virt, block, BLOCK), PAGE_OK);
    change_one_page(virt);

    /* A hole: the page is gone, its neighbours are not. */
    CHECK_EQUAL(place_unmap(page_at(virt, SOME), PAGE_SIZE), PAGE_OK);
    CHECK(!place_walk(page_at(virt, SOME)).present);
    CHECK_EQUAL(*place_word(virt, SOME - 1), 2000 + SOME - 1);
    CHECK_EQUAL(*place_word(virt, SOME + 1), 2000 + SOME + 1);
    CHECK_EQUAL(place_unmap(virt, BLOCK), PAGE_OK);
    free_pages(block, ORDER_MAX);
    place_give(&area);
    accounting_check();
}

/* Maps the block in the direct map again, as it was: no function joins pages. The table of a split
 * page is fixed in classic mode, so it has to be dropped; nobody but this test uses the block. */
static void map_again(virt_addr_t virt, const struct page *block, uint64_t flags) {
    uint32_t eflags = irq_save();
    CHECK_EQUAL(place_unmap(virt, BLOCK), PAGE_OK);
    page_root_drop(&kernel_tables, virt, BLOCK);
    tlb_flush_all_global();
    CHECK_EQUAL(page_map(&kernel_tables, virt, page_to_phys(block), BLOCK, flags),
                PAGE_OK);
    irq_restore(eflags);
}

static void in_direct_map(void) {
    accounting_start();
    struct page *block = alloc_pages(GFP_KERNEL, ORDER_MAX, OWNER_OTHER);
    if (!block) {
        test_skip(NO_BLOCK);
        return;
    }
    phys_addr_t phys = page_to_phys(block);
    virt_addr_t virt = virt_addr((uintptr_t)phys_to_virt(phys));
    uint32_t end;
    uint64_t flags = region_at((uint32_t)phys.value, &end)->flags;

    change_one_page(virt);
    CHECK_EQUAL(place_split(page_at(virt, PAGES - 1)), PAGE_OK); /* the second half in PAE */
    CHECK(!is_large(page_at(virt, PAGES - 1)));
    check_filled(virt, 2000);
    map_again(virt, block, flags);
    CHECK_EQUAL(is_large(virt), kernel_tables.large_pages);
    check_filled(virt, 2000);
    free_pages(block, ORDER_MAX);
    accounting_check();
}

/* Without a frame for the table, all is as it was. */
static void no_memory(void) {
    struct vm_area area;
    struct chain all = {0};

    if (!kernel_tables.large_pages) {
        test_skip("this processor has no large pages");
        return;
    }
    accounting_start();
    struct page *block = alloc_pages(GFP_KERNEL, ORDER_MAX, OWNER_OTHER);
    if (!block) {
        test_skip(NO_BLOCK);
        return;
    }
    virt_addr_t virt = take_aligned(&area);
    CHECK_EQUAL(place_map(virt, block, BLOCK), PAGE_OK);
    fill(virt, 3000);
    chain_take_all(&all, EVERYTHING, 0);
    CHECK_EQUAL(place_split(virt), PAGE_NO_MEMORY);
    CHECK_EQUAL(place_unmap(page_at(virt, SOME), PAGE_SIZE), PAGE_NO_MEMORY);
    CHECK_EQUAL(place_protect(page_at(virt, SOME), PAGE_SIZE, PLACE_READ_ONLY), PAGE_NO_MEMORY);
    CHECK(is_large(virt) && place_walk(virt).writable);
    check_filled(virt, 3000);
    CHECK_EQUAL(place_unmap(virt, BLOCK), PAGE_OK); /* as a whole it needs no table */
    chain_free_all(&all);
    free_pages(block, ORDER_MAX);
    place_give(&area);
    accounting_check();
}

static const struct test_case cases[] = {
    {"in_vmalloc_range", in_vmalloc_range},
    {"in_direct_map", in_direct_map},
    {"no_memory", no_memory},
};

const struct test_suite suite_large_pages = TEST_SUITE("large_pages", cases);
