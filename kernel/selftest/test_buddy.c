/*
 * test_buddy.c: the page allocator on this machine's real memory.
 */
#include <boot/boot.h>
#include <selftest/accounting.h>
#include <selftest/chain.h>
#include <selftest/test.h>

static struct chain taken;

static void sum_is_total(void) {
    uint32_t sum = 0;
    for (unsigned owner = 0; owner < OWNERS; owner++) sum += pages_of(owner);
    CHECK_EQUAL(sum, pages_total());
}

/* The total, counted again in another way: page by page, as the map has them. */
static void total_is_the_map(void) {
    uint64_t frames = 0;
    for (uint32_t i = 0; i < boot_map_count; i++) {
        uint64_t first = (boot_map[i].base + PAGE_SIZE - 1) / PAGE_SIZE;
        uint64_t end = (boot_map[i].base + boot_map[i].length) / PAGE_SIZE;
        if (boot_map[i].type == MEMORY_USABLE && end > first) frames += end - first;
    }
    CHECK_EQUAL(frames, pages_total());
}

/* Takes every frame there is, one by one, and frees them in random order. */
static void exhaustion(void) {
    accounting_start();
    uint32_t frames = chain_take_all(&taken, EVERYTHING, 0);
    CHECK_EQUAL(frames, accounting_before(OWNER_FREE));
    CHECK_EQUAL(pages_of(OWNER_FREE), 0);
    for (unsigned order = 0; order <= ORDER_MAX + 1; order++)
        CHECK(!chain_take_all(&taken, EVERYTHING, order));

    chain_free_half(&taken);
    CHECK_EQUAL(pages_of(OWNER_OTHER), accounting_before(OWNER_OTHER) + taken.blocks);
    chain_free_all(&taken);
    accounting_check();
}

/* The same in the largest blocks; what does not fit into them is taken in the next smaller ones. */
static void exhaustion_in_blocks(void) {
    accounting_start();
    for (unsigned order = ORDERS; order-- > 0;) chain_take_all(&taken, EVERYTHING, order);
    CHECK_EQUAL(pages_of(OWNER_FREE), 0);
    chain_free_all(&taken);
    accounting_check();
}

/* Who can take any frame gets HIGHMEM while there is some, then NORMAL, and DMA last. */
static void zones_in_order(void) {
    enum zone_id last = ZONES;
    uint32_t wrong = 0;

    accounting_start();
    for (struct page *page; (page = alloc_pages(EVERYTHING, 0, OWNER_OTHER));) {
        wrong += page_zone(page) > last;
        last = page_zone(page);
        chain_add(&taken, page);
    }
    CHECK_EQUAL(wrong, 0);
    CHECK_EQUAL(last, ZONE_DMA);
    chain_free_all(&taken);
    accounting_check();
}

/* The kernel gets no HIGHMEM, and leaves what is kept for those who cannot wait; those leave half
 * of it. */
static void watermarks(void) {
    const struct zone *dma = zone_stats(ZONE_DMA), *normal = zone_stats(ZONE_NORMAL);
    uint32_t high = zone_stats(ZONE_HIGHMEM)->free;

    accounting_start();
    chain_take_all(&taken, GFP_KERNEL, 0);
    CHECK_EQUAL(zone_stats(ZONE_HIGHMEM)->free, high);
    CHECK_EQUAL(normal->free, normal->min);
    CHECK_EQUAL(dma->free, dma->floor[ZONE_NORMAL]);
    CHECK(chain_take_all(&taken, GFP_ATOMIC, 0) > 0);
    CHECK_EQUAL(normal->free, normal->min - normal->min / 2);
    CHECK_EQUAL(dma->free, dma->floor[ZONE_NORMAL] - dma->min / 2);
    CHECK(chain_take_all(&taken, GFP_ATOMIC, 0) == 0);
    chain_take_all(&taken, EVERYTHING, 0);
    CHECK_EQUAL(pages_of(OWNER_FREE), 0);
    chain_free_all(&taken);
    accounting_check();
}

static void dma_never_cheats(void) {
    uint32_t wrong = 0;

    accounting_start();
    chain_take_all(&taken, GFP_DMA | __GFP_MEMALLOC, 0);
    CHECK_EQUAL(zone_stats(ZONE_DMA)->free, 0);
    CHECK_EQUAL(taken.blocks, pages_of(OWNER_OTHER) - accounting_before(OWNER_OTHER));
    for (const struct page *page = taken.first; page; page = page->private)
        wrong += page_to_pfn(page).value >= DMA_MAX / PAGE_SIZE;
    CHECK_EQUAL(wrong, 0);
    chain_free_all(&taken);
    accounting_check();
}

static void orders_are_aligned(void) {
    accounting_start();
    for (unsigned order = 0; order < ORDERS; order++) {
        struct page *page = alloc_pages(GFP_KERNEL, order, OWNER_OTHER);
        if (!page) continue; /* a machine with 4 MB has no block of 4 MB */
        CHECK_EQUAL(page_to_pfn(page).value % (1u << order), 0);
        CHECK_EQUAL(pages_of(OWNER_OTHER), accounting_before(OWNER_OTHER) + (1u << order));
        free_pages(page, order);
    }
    accounting_check();
}

static const struct test_case cases[] = {
    {"sum_is_total", sum_is_total},
    {"total_is_the_map", total_is_the_map},
    {"exhaustion", exhaustion},
    {"exhaustion_in_blocks", exhaustion_in_blocks},
    {"zones_in_order", zones_in_order},
    {"watermarks", watermarks},
    {"dma_never_cheats", dma_never_cheats},
    {"orders_are_aligned", orders_are_aligned},
};

const struct test_suite suite_buddy = TEST_SUITE("buddy", cases);
