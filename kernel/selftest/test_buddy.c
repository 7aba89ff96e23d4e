/*
 * test_buddy.c: the page allocator on this machine's real memory. Every case gives back what it took,
 * and checks that the counts return exactly to where they were.
 */
#include <boot/boot.h>
#include <mm/buddy.h>
#include <mm/kmap.h>
#include <selftest/test.h>

struct counts {
    uint32_t owner[OWNERS];
    uint32_t blocks[ZONES][ORDERS];
};
static struct counts before;

static void take_counts(struct counts *counts) {
    for (unsigned owner = 0; owner < OWNERS; owner++) counts->owner[owner] = pages_of(owner);
    for (unsigned id = 0; id < ZONES; id++)
        for (unsigned order = 0; order < ORDERS; order++)
            counts->blocks[id][order] = zone_stats(id)->free_blocks[order];
}

static void check_counts_restored(void) {
    static struct counts now;
    take_counts(&now);
    for (unsigned owner = 0; owner < OWNERS; owner++)
        CHECK_EQUAL(now.owner[owner], before.owner[owner]);
    for (unsigned id = 0; id < ZONES; id++)
        for (unsigned order = 0; order < ORDERS; order++)
            CHECK_EQUAL(now.blocks[id][order], before.blocks[id][order]);
}

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

/* The frames that were taken, as a list through the frames themselves: each holds the number of the
 * next in its first word, and its own number in the second. */
static uint32_t chain;

static void push(struct page *page) {
    uint32_t *words = kmap_atomic(page);
    words[0] = chain;
    words[1] = page_to_pfn(page).value;
    kunmap_atomic(words);
    chain = page_to_pfn(page).value;
}

/* The first of the chain, which must be as it was left. */
static struct page *pop(void) {
    struct page *page = pfn_to_page(pfn(chain));
    uint32_t *words = kmap_atomic(page);
    CHECK_EQUAL(words[1], chain);
    chain = words[0];
    kunmap_atomic(words);
    return page;
}

static uint32_t random_state = 1;

static uint32_t random(void) {
    random_state = random_state * 1103515245 + 12345; /* C11 §7.22.2, the example */
    return random_state >> 16;
}

/* Takes every frame there is, in blocks of random order, and frees them in another order: one in
 * two at first, the rest at the end. A frame handed out twice, or one that something else uses,
 * breaks the chain or this kernel. */
static void exhaustion(void) {
    uint32_t taken = 0, kept = 0;

    take_counts(&before);
    chain = 0;
    for (struct page *page; (page = alloc_pages(__GFP_HIGHMEM | __GFP_HIGH, 0, OWNER_OTHER));) {
        push(page);
        taken++;
    }
    CHECK_EQUAL(taken, before.owner[OWNER_FREE]);
    CHECK_EQUAL(pages_of(OWNER_FREE), 0);

    uint32_t all = chain;
    chain = 0;
    while (all) { /* a second chain of those that are kept for later */
        uint32_t other = chain;
        chain = all;
        struct page *page = pop();
        all = chain;
        chain = other;
        if (random() % 2) {
            free_pages(page, 0);
        } else {
            push(page);
            kept++;
        }
    }
    CHECK_EQUAL(pages_of(OWNER_OTHER), before.owner[OWNER_OTHER] + kept);
    while (chain) free_pages(pop(), 0);
    check_counts_restored();
}

static void dma_never_cheats(void) {
    take_counts(&before);
    chain = 0;
    for (struct page *page; (page = alloc_pages(GFP_DMA | __GFP_HIGH, 0, OWNER_OTHER));) {
        CHECK(page_to_pfn(page).value < DMA_MAX / PAGE_SIZE);
        push(page);
    }
    CHECK_EQUAL(zone_stats(ZONE_DMA)->free, 0);
    while (chain) free_pages(pop(), 0);
    check_counts_restored();
}

static void orders_are_aligned(void) {
    take_counts(&before);
    for (unsigned order = 0; order < ORDERS; order++) {
        struct page *page = alloc_pages(GFP_KERNEL, order, OWNER_OTHER);
        if (!page) continue; /* a machine with 4 MB has no block of 4 MB */
        CHECK_EQUAL(page_to_pfn(page).value % (1u << order), 0);
        CHECK_EQUAL(pages_of(OWNER_OTHER), before.owner[OWNER_OTHER] + (1u << order));
        free_pages(page, order);
    }
    check_counts_restored();
}

static const struct test_case cases[] = {
    {"sum_is_total", sum_is_total},         {"total_is_the_map", total_is_the_map},
    {"exhaustion", exhaustion},             {"dma_never_cheats", dma_never_cheats},
    {"orders_are_aligned", orders_are_aligned},
};

const struct test_suite suite_buddy = TEST_SUITE("buddy", cases);
