/*
 * test_buddy.c: page descriptors and the buddy allocator, on machines from 4 MB to 64 GB, and a
 * million random operations against a model that knows which frames are taken and nothing else.
 */
#include "cmocka_test.h"

#include "fake/memory_test.h"

#include <cpu/symbols.h>
#include <mm/buddy.h>
#include <mm/early.h>

#define EVERYTHING (__GFP_HIGHMEM | __GFP_MEMALLOC) /* any zone, to the last frame */
#define MB 0x100000ull
#define GB 0x40000000ull
#define REACH phys_addr(64 * GB)
#define SECTION_PAGES (SECTION_FRAMES * sizeof(struct page) / PAGE_SIZE) /* of its descriptors */
#define LIMIT phys_addr(DIRECT_MAP_MAX)
#define RANGES(array) array, sizeof array / sizeof array[0]
#define USABLE(base, length) \
    { base, length, MEMORY_USABLE, 1 }

static const struct memory_range mb4[] = {USABLE(0x1000, 0x9E000), USABLE(MB, 3 * MB)};
static const struct memory_range mb64[] = {USABLE(0x1000, 0x9E000), USABLE(MB, 63 * MB)};
static const struct memory_range holes[] = {
    USABLE(0x1000, 0x9EC00),          USABLE(MB, 14 * MB),
    USABLE(16 * MB + 0x123, 0x1F00), /* one whole frame */
    USABLE(16 * MB + 0x5000, 0x3000), USABLE(40 * MB - 0x1000, 0x2000),
    USABLE(47 * MB, 33 * MB),         USABLE(896 * MB - 0x7000, 0x9000),
    USABLE(2 * GB, 5 * MB),
};
static const struct memory_range gb1[] = {USABLE(0x1000, 0x9E000), USABLE(MB, 1023 * MB)};
static const struct memory_range gb8[] = {USABLE(0x1000, 0x9E000), USABLE(MB, 3 * GB - MB),
                                          USABLE(4 * GB, 5 * GB)};
static const struct memory_range gb64[] = {USABLE(0x1000, 0x9E000), USABLE(MB, 2 * GB),
                                           USABLE(4 * GB, 60 * GB)};

static const struct shape {
    const char *name;
    const struct memory_range *map;
    uint32_t ranges;
} shapes[] = {
    {"4 MB", RANGES(mb4)}, {"64 MB", RANGES(mb64)}, {"holes", RANGES(holes)},
    {"1 GB", RANGES(gb1)}, {"8 GB", RANGES(gb8)},   {"64 GB", RANGES(gb64)},
};
#define SHAPES (sizeof shapes / sizeof shapes[0])

const char *symbol_find(uint32_t address, uint32_t *offset) {
    (void)address;
    *offset = 0;
    return "test_buddy";
}

void page_zero(struct page *page) {
    assert_int_equal(page_zone(page), ZONE_HIGHMEM);
    memset(host_memory + pfn_to_phys(page_to_pfn(page)).value, 0, PAGE_SIZE);
}

unsigned failalloc_armed;

bool failalloc(void) {
    fail_msg("nobody has armed it");
    return true;
}

/* What alloc_pages() falls back on: the test says how many frames there are to give up. */
static unsigned reclaim_calls;
static struct page *reclaimable[8];
static unsigned reclaimable_count;

static unsigned kswapd_wakes;
static enum zone_id kswapd_wanted;

void kswapd_wake(enum zone_id wanted) {
    kswapd_wakes++;
    kswapd_wanted = wanted;
}

unsigned reclaim_frames(enum zone_id wanted) {
    (void)wanted;
    reclaim_calls++;
    if (reclaimable_count == 0) return 0;
    free_pages(reclaimable[--reclaimable_count], 0);
    return 1;
}

/* Boot as far as the buddy allocator, with 600 KB taken by the kernel and 32 KB by the loader. */
static void start_at(const struct memory_range *map, uint32_t ranges, phys_addr_t reach) {
    reclaimable_count = 0;
    host_memory_new(64 * GB);
    early_init(map, ranges);
    early_reserve(phys_addr(MB), 600 * 1024, OWNER_KERNEL);
    early_reserve(phys_addr(0x8000), 0x8000, OWNER_LOADER);
    assert_int_equal(page_init(reach, LIMIT), 0);
    buddy_init();
}

static void start(const struct memory_range *map, uint32_t ranges) {
    start_at(map, ranges, REACH);
}

/* ---- what holds at any time ---- */

static void check_sums(void) {
    uint64_t owned = 0, in_zones = 0;
    for (unsigned owner = 0; owner < OWNERS; owner++) owned += pages_of(owner);
    assert_int_equal(owned, pages_total());
    for (unsigned id = 0; id < ZONES; id++) {
        const struct zone *zone = zone_stats(id);
        uint32_t in_lists = 0;
        for (unsigned order = 0; order < ORDERS; order++) {
            in_lists += zone->free_blocks[order] << order;
            assert_int_equal(zone->free_orders >> order & 1, zone->free_blocks[order] != 0);
        }
        assert_int_equal(in_lists, zone->free);
        assert_true(zone->free <= zone->managed);
        in_zones += zone->free;
    }
    assert_int_equal(in_zones, pages_of(OWNER_FREE));
}

/* Walks every list: links, place, state, and that no block has a free buddy of its order. */
static void check_lists(void) {
    for (unsigned id = 0; id < ZONES; id++) {
        const struct zone *zone = zone_stats(id);
        for (unsigned order = 0; order < ORDERS; order++) {
            struct page *const *link = &zone->free_list[order];
            uint32_t length = 0;
            for (; *link; link = &(*link)->next, length++) {
                const struct page *page = *link;
                uint32_t frame = page_to_pfn(page).value;
                assert_ptr_equal(page->link, link);
                assert_int_equal(frame % (1u << order), 0);
                assert_int_equal(page->flags & ~PAGE_PLACE_MASK,
                                 PG_BUDDY | order << PAGE_ORDER_SHIFT);
                assert_int_equal(page->count, 0);
                assert_int_equal(page_zone(page), id);
                if (order == ORDER_MAX) continue;
                const struct page *buddy = pfn_to_page(pfn(frame ^ 1u << order));
                assert_false(buddy->flags & PG_BUDDY && page_order(buddy) == order);
            }
            assert_int_equal(length, zone->free_blocks[order]);
        }
    }
}

static uint32_t usable_frames(const struct shape *shape) {
    uint64_t frames = 0;
    for (uint32_t i = 0; i < shape->ranges; i++) {
        uint64_t first = (shape->map[i].base + PAGE_SIZE - 1) / PAGE_SIZE;
        uint64_t end = (shape->map[i].base + shape->map[i].length) / PAGE_SIZE;
        if (end > first) frames += end - first;
    }
    return (uint32_t)frames;
}

static bool frame_is_usable(const struct shape *shape, uint64_t frame) {
    for (uint32_t i = 0; i < shape->ranges; i++)
        if (frame * PAGE_SIZE >= shape->map[i].base &&
            (frame + 1) * PAGE_SIZE <= shape->map[i].base + shape->map[i].length)
            return frame != 0;
    return false;
}

/* ---- taking over ---- */

static void every_frame_is_somebodys(void **state) {
    (void)state;
    for (unsigned i = 0; i < SHAPES; i++) {
        start(shapes[i].map, shapes[i].ranges);
        assert_int_equal(pages_total(), usable_frames(&shapes[i]));
        assert_int_equal(pages_of(OWNER_KERNEL), 150);
        assert_int_equal(pages_of(OWNER_LOADER), 8);
        assert_int_equal(pages_of(OWNER_BEYOND), 0);
        uint32_t sections = 0;
        for (unsigned section = 0; section < SECTIONS; section++)
            sections += page_sections[section] != NULL;
        assert_int_equal(pages_of(OWNER_PAGE_DESCRIPTORS), sections * SECTION_PAGES);
        check_sums();
        check_lists();
    }
}

static void descriptors_only_where_there_is_memory(void **state) {
    (void)state;
    for (unsigned i = 0; i < SHAPES; i++) {
        start(shapes[i].map, shapes[i].ranges);
        for (uint32_t section = 0; section < SECTIONS; section++) {
            bool usable = false;
            uint32_t first = section << SECTION_SHIFT;
            for (uint32_t frame = first; frame < first + SECTION_FRAMES && !usable; frame++)
                usable = frame_is_usable(&shapes[i], frame);
            struct page *page = pfn_to_page(pfn(first + 4095));
            assert_int_equal(page != NULL, usable);
            if (!page) continue;
            assert_int_equal(page_to_pfn(page).value, first + 4095);
            assert_int_equal(page_zone(page), first < 0x1000    ? ZONE_DMA
                                              : first < 0x38000 ? ZONE_NORMAL
                                                                : ZONE_HIGHMEM);
        }
        assert_null(pfn_to_page(pfn(64 * GB / PAGE_SIZE)));
        assert_null(pfn_to_page(pfn(UINT32_MAX)));
    }
}

/* Frame 0, holes and what is reserved are never free. */
static void only_usable_frames_are_free(void **state) {
    (void)state;
    const struct shape *shape = &shapes[2];
    start(shape->map, shape->ranges);
    for (uint32_t frame = 0; frame < 2 * GB / PAGE_SIZE + 4096; frame++) {
        struct page *page = pfn_to_page(pfn(frame));
        if (!page) continue;
        const struct page *head = page_head(page);
        assert_non_null(head);
        if (head->flags & PG_BUDDY) assert_true(frame_is_usable(shape, frame));
        if (!frame_is_usable(shape, frame)) {
            assert_true(page->flags & PG_RESERVED);
            assert_int_equal(page_owner(page), OWNER_FREE);
        }
    }
}

static void beyond_reach(void **state) {
    (void)state;
    start_at(RANGES(gb8), phys_addr(4 * GB)); /* classic paging */
    assert_int_equal(pages_of(OWNER_BEYOND), 5 * GB / PAGE_SIZE);
    assert_null(pfn_to_page(pfn(4 * GB / PAGE_SIZE)));
    assert_int_equal(pages_total(), usable_frames(&shapes[4]));
    check_sums();
}

/* 40 MB below 4 GB and 60 GB above: half of the 40 MB is too little for all descriptors. */
static void too_little_memory_for_descriptors(void **state) {
    (void)state;
    static const struct memory_range lopsided[] = {USABLE(0x1000, 0x9E000), USABLE(MB, 39 * MB),
                                                   USABLE(4 * GB, 60 * GB)};
    host_memory_new(64 * GB);
    early_init(RANGES(lopsided));
    uint32_t left_out = page_init(REACH, LIMIT);
    buddy_init();
    assert_int_equal(pages_of(OWNER_BEYOND), left_out);
    assert_int_equal(pages_total(), 0x9E + (39 * MB + 60 * GB) / PAGE_SIZE);
    uint32_t low = 0x9E + 39 * 256, sections = low / 2 / SECTION_PAGES;
    assert_int_equal(pages_of(OWNER_PAGE_DESCRIPTORS), sections * SECTION_PAGES);
    assert_int_equal(left_out, 60 * GB / PAGE_SIZE - (sections - 3) * SECTION_FRAMES);
    assert_non_null(pfn_to_page(pfn(0x100000 + (sections - 3) * SECTION_FRAMES - 1)));
    assert_null(pfn_to_page(pfn(0x100000 + (sections - 3) * SECTION_FRAMES)));
    check_sums();
    check_lists();

    early_init((const struct memory_range[]){USABLE(MB, 0x10000)}, 1); /* none at all */
    assert_int_equal(page_init(REACH, LIMIT), 16);
    buddy_init();
    assert_int_equal(pages_of(OWNER_BEYOND), 16);
    assert_null(alloc_pages(EVERYTHING, 0, OWNER_OTHER));
}

/* Free memory enough, but nowhere 64 KB of it in a row. */
static void no_room_for_descriptors(void **state) {
    (void)state;
    host_memory_new(64 * GB);
    early_init(RANGES(gb1));
    early_reserve(phys_addr(0), 2 * MB, OWNER_OTHER);
    early_reserve(phys_addr(3 * MB), 64 * GB, OWNER_OTHER);
    for (unsigned i = 0; i < 17; i++)
        early_reserve(phys_addr(2 * MB + i * 0xF000), 1, OWNER_KERNEL);
    uint32_t left_out = page_init(REACH, LIMIT);
    buddy_init();
    assert_int_equal(left_out, pages_total());
    assert_int_equal(pages_of(OWNER_BEYOND), pages_total());
    check_sums();
}

static void retires_the_early_allocator(void **state) {
    (void)state;
    start(RANGES(mb4));
    PANICS("early allocator: used after the buddy allocator took over, by test_buddy",
           early_alloc(1, 1, OWNER_OTHER, LIMIT));
}

static void release_what_was_reserved(void **state) {
    (void)state;
    for (unsigned i = 0; i < SHAPES; i++) {
        start(shapes[i].map, shapes[i].ranges);
        uint32_t free = pages_of(OWNER_FREE), managed = zone_stats(ZONE_DMA)->managed;
        struct page *page = alloc_pages(GFP_DMA, 3, OWNER_LOADER); /* not reserved: it stays */
        assert_int_equal(buddy_release(OWNER_LOADER), 8);
        assert_int_equal(pages_of(OWNER_LOADER), 8);
        assert_int_equal(zone_stats(ZONE_DMA)->managed, managed + 8);
        free_pages(page, 3);
        assert_int_equal(pages_of(OWNER_FREE), free + 8);
        assert_int_equal(buddy_release(OWNER_LOADER), 0);
        assert_int_equal(buddy_release(OWNER_INITRD), 0);
        assert_true(page_head(pfn_to_page(pfn(8)))->flags & PG_BUDDY);
        check_sums();
        check_lists();
    }
    PANICS("buddy_release: beyond reach is not an owner", buddy_release(OWNER_BEYOND));
}

/* ---- allocating ---- */

static struct block {
    struct page *page;
    unsigned order;
} * blocks;
static uint32_t block_count;

/* Every frame that there is, in blocks of random orders up to `largest`. */
static void take_everything(gfp_t gfp, unsigned largest) {
    static uint8_t *taken; /* one byte a frame */
    if (!taken) taken = malloc(64 * GB / PAGE_SIZE);
    if (!blocks) blocks = malloc(64 * GB / PAGE_SIZE * sizeof *blocks);
    memset(taken, 0, 64 * GB / PAGE_SIZE);
    block_count = 0;
    for (;;) {
        unsigned order = random_below(largest + 1);
        struct page *page;
        while (!(page = alloc_pages(gfp, order, OWNER_OTHER)) && order > 0) largest = --order;
        if (!page) return;
        uint32_t frame = page_to_pfn(page).value;
        assert_int_equal(frame % (1u << order), 0);
        assert_null(page->private);
        assert_null(memchr(taken + frame, 1, 1u << order));
        memset(taken + frame, 1, 1u << order);
        blocks[block_count++] = (struct block){page, order};
    }
}

static void free_everything(void) {
    while (block_count) {
        uint32_t i = random_below(block_count);
        free_pages(blocks[i].page, blocks[i].order);
        blocks[i] = blocks[--block_count];
    }
}

static void everything_out_and_back(void **state) {
    (void)state;
    for (unsigned i = 0; i < SHAPES; i++) {
        start(shapes[i].map, shapes[i].ranges);
        struct zone before[ZONES];
        for (unsigned id = 0; id < ZONES; id++) before[id] = *zone_stats(id);
        uint32_t free = pages_of(OWNER_FREE);

        for (unsigned largest = 0; largest <= ORDER_MAX; largest += ORDER_MAX) {
            if (largest == 0 && usable_frames(&shapes[i]) > 2 * GB / PAGE_SIZE) continue;
            take_everything(EVERYTHING, largest);
            assert_int_equal(pages_of(OWNER_FREE), 0);
            assert_int_equal(pages_of(OWNER_OTHER), free);
            check_sums();
            free_everything();
            for (unsigned id = 0; id < ZONES; id++)
                assert_memory_equal(zone_stats(id)->free_blocks, before[id].free_blocks,
                                    sizeof before[id].free_blocks);
            check_sums();
            check_lists();
        }
    }
}

static void orders_above_the_largest_fail(void **state) {
    (void)state;
    start(RANGES(mb64));
    assert_null(alloc_pages(GFP_KERNEL, ORDER_MAX + 1, OWNER_OTHER));
    assert_null(alloc_pages(GFP_ATOMIC, 31, OWNER_OTHER));
    assert_null(alloc_pages(GFP_ATOMIC, 1000, OWNER_OTHER));
    assert_int_equal(zone_stats(ZONE_NORMAL)->failures, 3);
}

static uint32_t take_all(gfp_t gfp, enum zone_id zone) {
    uint32_t frames = 0;
    struct page *page;
    while ((page = alloc_pages(gfp, 0, OWNER_OTHER))) frames += page_zone(page) == zone;
    return frames;
}

static void zones_fall_back(void **state) {
    (void)state;
    start(RANGES(gb1));
    struct zone dma = *zone_stats(ZONE_DMA), normal = *zone_stats(ZONE_NORMAL),
                high = *zone_stats(ZONE_HIGHMEM);
    enum zone_id last = ZONE_HIGHMEM;
    struct page *page;
    uint32_t frames[ZONES] = {0};
    while ((page = alloc_pages(__GFP_HIGHMEM, 0, OWNER_OTHER))) {
        assert_true(page_zone(page) <= last); /* one after another, never back up */
        last = page_zone(page);
        frames[last]++;
    }
    uint32_t from_normal = normal.free - normal.min - high.managed / 32;
    uint32_t from_dma = dma.free - dma.min - (normal.managed + high.managed) / 256;
    assert_int_equal(frames[ZONE_HIGHMEM], high.free - high.min);
    assert_int_equal(frames[ZONE_NORMAL], from_normal);
    assert_int_equal(frames[ZONE_DMA], from_dma);
    assert_int_equal(zone_stats(ZONE_HIGHMEM)->fallbacks, 0);
    assert_int_equal(zone_stats(ZONE_NORMAL)->fallbacks, from_normal);
    assert_int_equal(zone_stats(ZONE_DMA)->fallbacks, from_dma);
    assert_int_equal(zone_stats(ZONE_DMA)->allocs, from_dma);
    assert_int_equal(zone_stats(ZONE_HIGHMEM)->failures, 1);
    assert_int_equal(zone_stats(ZONE_NORMAL)->failures, 0);
}

static void kernel_memory_is_never_highmem(void **state) {
    (void)state;
    start(RANGES(gb1));
    uint32_t high = zone_stats(ZONE_HIGHMEM)->free;
    assert_int_equal(take_all(__GFP_MEMALLOC, ZONE_HIGHMEM), 0);
    assert_int_equal(zone_stats(ZONE_NORMAL)->free, 0);
    assert_int_equal(zone_stats(ZONE_DMA)->free, 0);
    assert_int_equal(zone_stats(ZONE_HIGHMEM)->free, high);
}

/* What is left of each kind of request after all that could be had was taken, on every machine:
 * pages of users leave memory to the kernel, the kernel to handlers, handlers to who frees more. */
static void each_leaves_something_to_the_next(void **state) {
    (void)state;
    for (unsigned i = 0; i < SHAPES; i++) {
        start(shapes[i].map, shapes[i].ranges);
        uint32_t min = zone_stats(ZONE_DMA)->min + zone_stats(ZONE_NORMAL)->min;
        while (alloc_pages(GFP_HIGHUSER, 0, OWNER_OTHER)) {}
        uint32_t low = zone_stats(ZONE_DMA)->free + zone_stats(ZONE_NORMAL)->free;
        assert_true(min > 0 && low >= 2 * min);
        uint32_t kernel = 0, atomic = 0, last = 0;
        while (alloc_pages(GFP_KERNEL, 0, OWNER_OTHER)) kernel++;
        assert_true(kernel >= zone_stats(ZONE_NORMAL)->min && kernel > 0);
        while (alloc_pages(GFP_ATOMIC, 0, OWNER_OTHER)) atomic++;
        assert_in_range(atomic, min / 2 - 1, min / 2);
        assert_null(alloc_pages(GFP_KERNEL, 0, OWNER_OTHER));
        assert_null(alloc_pages(GFP_HIGHUSER, 0, OWNER_OTHER));
        while (alloc_pages(GFP_ATOMIC | __GFP_HIGHMEM, 0, OWNER_OTHER)) {}
        while (alloc_pages(GFP_ATOMIC | GFP_DMA, 0, OWNER_OTHER)) {}
        assert_true(zone_stats(ZONE_DMA)->free >= zone_stats(ZONE_DMA)->min / 2);
        assert_true(zone_stats(ZONE_NORMAL)->free >= zone_stats(ZONE_NORMAL)->min / 2);
        assert_true(pages_of(OWNER_FREE) >= min / 2);
        while (alloc_pages(EVERYTHING, 0, OWNER_OTHER)) last++;
        assert_true(last >= min / 2);
        assert_int_equal(pages_of(OWNER_FREE), 0);
        check_sums();
        check_lists();
    }
}

/* 1,200 MB, where all of NORMAL and DMA was open to whoever wanted HIGHMEM. */
static void highmem_never_drains_the_rest(void **state) {
    (void)state;
    static const struct memory_range mb1200[] = {USABLE(0x1000, 0x9E000), USABLE(MB, 1199 * MB)};
    start(RANGES(mb1200));
    const struct zone *dma = zone_stats(ZONE_DMA), *normal = zone_stats(ZONE_NORMAL);
    while (alloc_pages(GFP_HIGHUSER, 0, OWNER_OTHER)) {}
    uint32_t high = zone_stats(ZONE_HIGHMEM)->managed;
    assert_int_equal(zone_stats(ZONE_HIGHMEM)->free, zone_stats(ZONE_HIGHMEM)->min);
    assert_int_equal(high, 304 * 256);
    assert_int_equal(normal->free, normal->min + high / 32);
    assert_int_equal(dma->free, dma->min + (normal->managed + high) / 256);
    while (alloc_pages(GFP_KERNEL, 0, OWNER_OTHER)) {}
    assert_int_equal(normal->free, normal->min);
    assert_int_equal(dma->free, dma->floor[ZONE_NORMAL]);
    while (alloc_pages(GFP_DMA, 0, OWNER_OTHER)) {}
    assert_int_equal(dma->free, dma->min);
}

/* Who may wait gets what others give up, one frame after the other; who may not does not ask. */
static void waiting_is_reclaiming(void **state) {
    (void)state;
    start(RANGES(mb64));
    for (unsigned i = 0; i < 8; i++) reclaimable[i] = alloc_pages(GFP_KERNEL, 0, OWNER_SLAB);
    while (alloc_pages(GFP_NOWAIT, 0, OWNER_OTHER)) {}
    assert_int_equal(zone_stats(ZONE_NORMAL)->failures, 1);
    reclaimable_count = 8;
    reclaim_calls = 0;
    assert_null(alloc_pages(GFP_NOWAIT, 0, OWNER_OTHER));
    assert_null(alloc_pages(GFP_KERNEL, ORDER_MAX + 1, OWNER_OTHER)); /* nothing helps that one */
    assert_int_equal(reclaim_calls, 0);
    for (unsigned i = 1; i <= 6; i++) {
        assert_non_null(alloc_pages(GFP_KERNEL, 0, OWNER_OTHER));
        assert_int_equal(reclaim_calls, i);
    }
    assert_non_null(alloc_pages(GFP_ATOMIC, 0, OWNER_OTHER)); /* from the reserve: one too few */
    assert_non_null(alloc_pages(GFP_KERNEL, 0, OWNER_OTHER)); /* so this one needs two */
    assert_int_equal(reclaim_calls, 8);
    assert_null(alloc_pages(GFP_KERNEL, 0, OWNER_OTHER));
    assert_int_equal(reclaim_calls, 9);
    assert_int_equal(zone_stats(ZONE_NORMAL)->failures, 4);
    check_sums();
}

/* kswapd is woken when no zone has `low` any more, beside what it keeps from this request, and may
 * stop when one has `high`. Who takes frames before that wakes nobody. */
static void kswapd_hears_of_it_at_low(void **state) {
    static const struct {
        gfp_t gfp;
        enum zone_id wanted;
    } kinds[] = {{GFP_NOWAIT, ZONE_NORMAL}, {__GFP_HIGHMEM, ZONE_HIGHMEM}, {GFP_DMA, ZONE_DMA}};
    static struct page *taken[64 * 256];

    (void)state;
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        start(RANGES(mb64));
        const struct zone *dma = zone_stats(ZONE_DMA);
        enum zone_id wanted = kinds[i].wanted;
        unsigned count = 0;
        for (kswapd_wakes = 0; !kswapd_wakes; count++) {
            assert_int_equal(frames_are_low(wanted), count && dma->free <= dma->easy[wanted]);
            taken[count] = alloc_pages(kinds[i].gfp, 0, OWNER_OTHER);
            assert_non_null(taken[count]);
        }
        assert_int_equal(kswapd_wakes, 1);
        assert_int_equal(kswapd_wanted, wanted);
        assert_int_equal(dma->free, dma->easy[wanted] - 1);
        assert_int_equal(dma->easy[wanted], dma->floor[wanted] + dma->min / 4);
        while (!frames_are_plenty(wanted)) free_pages(taken[--count], 0);
        assert_int_equal(dma->free, dma->floor[wanted] + dma->min / 2 + 1);
        kswapd_wakes = 0;
        taken[count++] = alloc_pages(kinds[i].gfp, 0, OWNER_OTHER);
        assert_int_equal(kswapd_wakes, 0);
        while (count) free_pages(taken[--count], 0);
        check_sums();
    }
}

/* Without NORMAL memory, DMA is the first choice and no fallback. */
static void small_machine(void **state) {
    (void)state;
    start(RANGES(mb4));
    assert_int_equal(page_zone(alloc_pages(__GFP_HIGHMEM, 0, OWNER_OTHER)), ZONE_DMA);
    assert_int_equal(zone_stats(ZONE_DMA)->fallbacks, 0);
}

static void dma_fails_rather_than_cheats(void **state) {
    (void)state;
    start(RANGES(gb1));
    uint32_t dma = zone_stats(ZONE_DMA)->free, normal = zone_stats(ZONE_NORMAL)->free;
    assert_int_equal(take_all(GFP_DMA | __GFP_HIGHMEM | __GFP_MEMALLOC, ZONE_DMA), dma);
    assert_null(alloc_pages(GFP_DMA | __GFP_MEMALLOC, 0, OWNER_OTHER));
    assert_null(__get_free_page(GFP_DMA, OWNER_OTHER));
    assert_int_equal(zone_stats(ZONE_NORMAL)->free, normal);
    assert_int_equal(zone_stats(ZONE_DMA)->failures, 3);
}

static void reserve_for_those_who_cannot_wait(void **state) {
    (void)state;
    start(RANGES(mb64));
    const struct zone *dma = zone_stats(ZONE_DMA), *normal = zone_stats(ZONE_NORMAL);
    assert_in_range(dma->min + normal->min, 250, 256); /* near sqrt(64 MB / 1 KB) */
    for (unsigned id = ZONE_DMA; id <= ZONE_NORMAL; id++) {
        assert_int_equal(zone_stats(id)->low, zone_stats(id)->min * 5 / 4);
        assert_int_equal(zone_stats(id)->high, zone_stats(id)->min * 3 / 2);
    }
    uint32_t kept = normal->managed / 256; /* of DMA, from who could have NORMAL */
    while (alloc_pages(GFP_KERNEL, 0, OWNER_OTHER)) {}
    assert_int_equal(normal->free, normal->min);
    assert_int_equal(dma->free, dma->min + kept);
    assert_null(alloc_pages(__GFP_HIGHMEM | __GFP_ZERO, 0, OWNER_OTHER));
    while (alloc_pages(GFP_DMA, 0, OWNER_OTHER)) {}
    assert_int_equal(dma->free, dma->min);
    while (alloc_pages(GFP_ATOMIC | GFP_DMA, 0, OWNER_OTHER)) {}
    assert_int_equal(dma->free, dma->min - dma->min / 2);
    while (alloc_pages(GFP_ATOMIC, 0, OWNER_OTHER)) {}
    assert_int_equal(normal->free, normal->min - normal->min / 2);
    uint32_t left = pages_of(OWNER_FREE), taken = 0;
    while (alloc_pages(__GFP_MEMALLOC, 0, OWNER_OTHER)) taken++;
    assert_int_equal(taken, left);
    assert_int_equal(pages_of(OWNER_FREE), 0);
    check_sums();
}

/* A block must leave `min` frames behind, not only start above it. */
static void watermarks_count_the_whole_block(void **state) {
    (void)state;
    start(RANGES(mb64));
    const struct zone *normal = zone_stats(ZONE_NORMAL);
    struct page *page;
    while ((page = alloc_pages(GFP_KERNEL, 6, OWNER_OTHER)) && page_zone(page) == ZONE_NORMAL) {}
    assert_true(normal->free >= normal->min && normal->free < normal->min + 64);
    assert_true(normal->free_orders >> 6); /* it was not for want of a block */
}

static void zeroed(void **state) {
    (void)state;
    start(RANGES(gb1));
    static const gfp_t kinds[] = {GFP_DMA, GFP_KERNEL, __GFP_HIGHMEM};
    for (unsigned i = 0; i < 3; i++) {
        struct page *page = alloc_pages(kinds[i], 3, OWNER_OTHER);
        uint8_t *bytes = host_memory + pfn_to_phys(page_to_pfn(page)).value;
        assert_int_equal(page_zone(page), i);
        memset(bytes, 0xA5, 8 * PAGE_SIZE);
        free_pages(page, 3);
        assert_ptr_equal(alloc_pages(kinds[i] | __GFP_ZERO, 3, OWNER_OTHER), page);
        for (unsigned at = 0; at < 8 * PAGE_SIZE; at++) assert_int_equal(bytes[at], 0);
    }
}

static void by_address(void **state) {
    (void)state;
    start(RANGES(gb1));
    uint32_t free = pages_of(OWNER_FREE);
    uint8_t *block = __get_free_pages(GFP_KERNEL | __GFP_ZERO, 4, OWNER_KMALLOC);
    uint8_t *page = __get_free_page(GFP_DMA, OWNER_SLAB);
    assert_int_equal((block - host_memory) % (16 * PAGE_SIZE), 0);
    assert_true(page - host_memory < DMA_MAX);
    assert_int_equal(pages_of(OWNER_KMALLOC), 16);
    assert_int_equal(pages_of(OWNER_SLAB), 1);
    PANICS("is not the address of a frame", free_pages_at(block + 8, 4));
    PANICS("is not the address of a frame", free_page(host_memory + 960 * MB));
    PANICS("is not the address of a frame", free_page(host_memory + 2 * GB));
    PANICS("__get_free_pages: order 0, slab caches: frames of HIGHMEM have no address",
           __get_free_page(__GFP_HIGHMEM, OWNER_SLAB));
    free_pages_at(block, 4);
    free_page(page);
    assert_int_equal(pages_of(OWNER_FREE), free);
}

/* ---- owners and references ---- */

static void owners(void **state) {
    (void)state;
    start(RANGES(mb64));
    struct page *page = alloc_pages(GFP_KERNEL, 5, OWNER_SLAB);
    assert_int_equal(page_owner(page), OWNER_SLAB);
    assert_ptr_equal(page_head(page + 31), page);
    page->flags |= PG_SLAB;
    page_set_owner(page, OWNER_VMALLOC);
    assert_int_equal(page_owner(page), OWNER_VMALLOC);
    assert_int_equal(page_order(page), 5);
    assert_true(page->flags & PG_SLAB);
    assert_int_equal(pages_of(OWNER_SLAB), 0);
    assert_int_equal(pages_of(OWNER_VMALLOC), 32);
    check_sums();
    PANICS("alloc_pages: order 2: free is not an owner", alloc_pages(GFP_KERNEL, 2, OWNER_FREE));
    PANICS("page_set_owner: beyond reach is not an owner", page_set_owner(page, OWNER_BEYOND));
    PANICS("page_set_owner: frame", page_set_owner(page + 1, OWNER_SLAB));
    free_pages(page, 5);
    assert_int_equal(page->flags & PG_SLAB, 0);
    assert_int_equal(pages_of(OWNER_VMALLOC), 0);
    check_sums();
}

static void last_reference_frees(void **state) {
    (void)state;
    start(RANGES(mb64));
    uint32_t free = pages_of(OWNER_FREE);
    struct page *page = alloc_pages(GFP_KERNEL, 2, OWNER_OTHER);
    assert_int_equal(page->count, 1);
    assert_null(page->private);
    get_page(page);
    get_page(page);
    put_page(page);
    PANICS("order 2, has 2 references, not one: owner other", free_pages(page, 2));
    put_page(page);
    assert_int_equal(pages_of(OWNER_FREE), free - 4);
    put_page(page);
    assert_int_equal(pages_of(OWNER_FREE), free);
    PANICS("put_page: double free", put_page(page));
    PANICS("get_page: double free", get_page(page));
    PANICS("put_page: frame 100 is reserved", put_page(pfn_to_page(pfn(0x100))));
    check_lists();
}

static void misuse_is_named(void **state) {
    (void)state;
    start(RANGES(mb64));
    struct page *page = alloc_pages(GFP_KERNEL, 3, OWNER_SLAB);
    struct page *single = alloc_pages(GFP_KERNEL, 0, OWNER_SLAB);
    uint32_t frame = page_to_pfn(page).value, free = pages_of(OWNER_FREE);
    char text[128];

    snprintf(text, sizeof text,
             "free_pages: wrong order 2: frame %x was allocated with order 3: owner slab caches",
             frame);
    PANICS(text, free_pages(page, 2));
    snprintf(text, sizeof text, "free_pages: wrong order 4: frame %x", frame);
    PANICS(text, free_pages(page, 4));
    snprintf(text, sizeof text,
             "free_pages: frame %x is in the middle of the block of order 3 at %x: owner slab",
             frame + 5, frame);
    PANICS(text, free_pages(page + 5, 0));
    PANICS("free_pages: frame 100 is reserved, never allocated: owner kernel image",
           free_pages(pfn_to_page(pfn(0x100)), 0));
    PANICS("free_pages: frame 0 is not usable memory", free_pages(pfn_to_page(pfn(0)), 0));
    PANICS("free_pages: frame b8 is not usable memory", free_pages(pfn_to_page(pfn(0xB8)), 0));
    PANICS("free_pages: no page", free_pages(pfn_to_page(pfn(0x100000)), 0));
    assert_int_equal(pages_of(OWNER_FREE), free); /* nothing of that had any effect */
    check_lists();

    free_pages(page, 3);
    snprintf(text, sizeof text,
             "free_pages: double free: frame %x is free already, in the block of", frame);
    PANICS(text, free_pages(page, 3));
    snprintf(text, sizeof text, "free_pages: double free: frame %x is free already", frame + 6);
    PANICS(text, free_pages(page + 6, 0));
    free_pages(single, 0);
    PANICS("free_pages: double free", free_pages(single, 0)); /* it has become part of a block */
    PANICS("free_pages: double free", free_pages(pfn_to_page(pfn(0x2001)), 0)); /* never out */
    check_sums();
    check_lists();

    single = alloc_pages(GFP_KERNEL, 0, OWNER_SLAB);
    single->flags &= PAGE_PLACE_MASK;
    PANICS("was never allocated: damaged descriptor", free_pages(single, 0));
}

/* ---- a million operations against a model ---- */

/* All that the model knows: for each order and each aligned group of 2^order frames, how many of
 * them are not free. Which orders there must be in the lists, and which zone must answer, follow.
 */
#define MODEL_FRAMES (0x38000u + 0x4000u)
#define OPERATIONS 1000000
#define LIVE_MAX 16384

static const struct memory_range model_map[] = {
    USABLE(0x1000, 0x9E000),
    USABLE(MB, 5 * MB),
    USABLE(16 * MB, 13 * MB + 0x5000),
    USABLE(896 * MB + 0x3000, 17 * MB),
};

static uint16_t *busy[ORDERS];
static uint32_t idle_groups[ZONES][ORDERS]; /* with no frame that is not free */
static uint32_t idle_frames[ZONES];
static struct {
    struct page *page;
    unsigned order;
    enum page_owner owner;
    unsigned references;
} live[LIVE_MAX];
static uint32_t live_count;
static uint32_t owned[OWNERS];

static enum zone_id model_zone(uint32_t frame) {
    return frame < 0x1000 ? ZONE_DMA : frame < 0x38000 ? ZONE_NORMAL : ZONE_HIGHMEM;
}

static void model_mark(uint32_t frame, unsigned block_order, bool is_free) {
    unsigned zone = model_zone(frame);
    uint32_t frames = 1u << block_order;
    idle_frames[zone] += is_free ? frames : -frames;
    for (unsigned order = 0; order < ORDERS; order++) {
        uint32_t groups = order < block_order ? 1u << (block_order - order) : 1;
        for (uint32_t i = 0; i < groups; i++) {
            uint16_t *group = &busy[order][(frame >> order) + i];
            uint32_t part = frames / groups;
            if (is_free ? *group < part : *group + part > 1u << order)
                fail_msg("frame %x, order %u: handed out twice", frame, block_order);
            idle_groups[zone][order] -= *group == 0;
            *group += is_free ? -part : part;
            idle_groups[zone][order] += *group == 0;
        }
    }
}

static void model_start(void) {
    start(RANGES(model_map));
    memset(idle_groups, 0, sizeof idle_groups);
    memset(idle_frames, 0, sizeof idle_frames);
    memset(owned, 0, sizeof owned);
    live_count = 0;
    for (unsigned order = 0; order < ORDERS; order++) {
        free(busy[order]);
        busy[order] = calloc(MODEL_FRAMES >> order, sizeof *busy[order]);
        for (uint32_t i = 0; i < MODEL_FRAMES >> order; i++)
            busy[order][i] = (uint16_t)(1u << order); /* nothing is free, and then ... */
    }
    for (uint32_t frame = 0; frame < MODEL_FRAMES; frame++) {
        struct page *page = pfn_to_page(pfn(frame));
        const struct shape shape = {"", RANGES(model_map)};
        if (page && !(page->flags & PG_RESERVED)) {
            assert_true(frame_is_usable(&shape, frame));
            model_mark(frame, 0, true);
        }
    }
}

/* What a zone keeps from a request that would like `best`, counted anew. */
static uint32_t model_floor(unsigned zone, unsigned best, gfp_t gfp) {
    uint32_t better = 0, min = zone_stats(zone)->min;
    if (gfp & __GFP_MEMALLOC) return 0;
    for (unsigned id = zone + 1; id <= best; id++) better += zone_stats(id)->managed;
    uint32_t kept = better / (zone == ZONE_DMA ? 256 : 32);
    if (zone < best && best == ZONE_HIGHMEM && kept < min) kept = min;
    return kept + (gfp & __GFP_HIGH ? min - min / 2 : min);
}

/* The zone that has to answer, or ZONES. */
static unsigned model_choice(gfp_t gfp, unsigned order) {
    unsigned best = gfp & __GFP_DMA ? ZONE_DMA : gfp & __GFP_HIGHMEM ? ZONE_HIGHMEM : ZONE_NORMAL;
    for (unsigned zone = best;; zone--) {
        uint32_t kept = model_floor(zone, best, gfp);
        if (idle_groups[zone][order] && idle_frames[zone] >= kept + (1u << order)) return zone;
        if (zone == ZONE_DMA) return ZONES;
    }
}

static void model_check_counts(void) {
    for (unsigned id = 0; id < ZONES; id++)
        for (unsigned order = 0; order < ORDERS; order++) {
            uint32_t wanted = idle_groups[id][order];
            if (order < ORDER_MAX) wanted -= 2 * idle_groups[id][order + 1];
            if (zone_stats(id)->free_blocks[order] != wanted)
                fail_msg("zone %u, order %u: %u free blocks, not %u", id, order,
                         zone_stats(id)->free_blocks[order], wanted);
        }
}

/* Small orders mostly, as in a kernel. */
static unsigned random_order(void) {
    if (random_below(64) == 0) return random_below(ORDERS);
    unsigned order = 0;
    while (order < ORDER_MAX && random_below(2)) order++;
    return order;
}

static void model_alloc(void) {
    static const gfp_t kinds[] = {
        GFP_KERNEL,           GFP_NOWAIT,    GFP_ATOMIC,   GFP_HIGHUSER,
        __GFP_HIGHMEM,        GFP_DMA,       GFP_HIGHUSER, __GFP_HIGHMEM | __GFP_HIGH,
        GFP_DMA | __GFP_HIGH, __GFP_MEMALLOC};
    gfp_t gfp = kinds[random_below(10)];
    unsigned order = random_order();
    enum page_owner owner = OWNER_KERNEL + random_below(OWNER_BEYOND - OWNER_KERNEL);
    unsigned zone = model_choice(gfp, order);
    struct page *page = alloc_pages(gfp, order, owner);

    if (!page != (zone == ZONES)) fail_msg("order %u, gfp %x: %p", order, gfp, (void *)page);
    if (!page) return;
    uint32_t frame = page_to_pfn(page).value;
    if (frame % (1u << order)) fail_msg("frame %x, order %u: not aligned", frame, order);
    if (model_zone(frame) != zone) fail_msg("frame %x is not in zone %u", frame, zone);
    model_mark(frame, order, false);
    owned[owner] += 1u << order;
    live[live_count].page = page;
    live[live_count].order = order;
    live[live_count].owner = owner;
    live[live_count++].references = 1;
}

static void model_free(uint32_t i) {
    if (random_below(2) == 0 && live[i].references == 1)
        free_pages(live[i].page, live[i].order);
    else
        put_page(live[i].page);
    if (--live[i].references) return;
    model_mark(page_to_pfn(live[i].page).value, live[i].order, true);
    owned[live[i].owner] -= 1u << live[i].order;
    live[i] = live[--live_count];
}

static void model_set_owner(uint32_t i) {
    owned[live[i].owner] -= 1u << live[i].order;
    live[i].owner = OWNER_KERNEL + random_below(OWNER_BEYOND - OWNER_KERNEL);
    owned[live[i].owner] += 1u << live[i].order;
    page_set_owner(live[i].page, live[i].owner);
}

static void agrees_with_a_model(void **state) {
    (void)state;
    model_start();
    uint32_t reserved[OWNERS];
    for (unsigned owner = 1; owner < OWNERS; owner++) reserved[owner] = pages_of(owner);
    uint32_t taking = 50; /* in a hundred: memory fills up and runs dry again */
    for (uint32_t i = 0; i < OPERATIONS; i++) {
        if (i % 20000 == 0) taking = 35 + random_below(31);
        uint32_t what = random_below(100);
        if (live_count == 0 || (what < taking && live_count < LIVE_MAX)) {
            model_alloc();
        } else if (what < 96) {
            model_free(random_below(live_count));
        } else if (what < 98) {
            uint32_t which = random_below(live_count);
            live[which].references++;
            get_page(live[which].page);
        } else {
            model_set_owner(random_below(live_count));
        }
        model_check_counts();
        if (i % 1000) continue;
        check_sums();
        if (i % 20000 == 0) check_lists();
        for (unsigned owner = 1; owner < OWNERS; owner++)
            assert_int_equal(pages_of(owner), reserved[owner] + owned[owner]);
    }
    while (live_count) model_free(0);
    model_check_counts();
    check_sums();
    check_lists();
    for (unsigned order = 0; order < ORDERS; order++) free(busy[order]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_frame_is_somebodys),
        cmocka_unit_test(descriptors_only_where_there_is_memory),
        cmocka_unit_test(only_usable_frames_are_free),
        cmocka_unit_test(beyond_reach),
        cmocka_unit_test(too_little_memory_for_descriptors),
        cmocka_unit_test(no_room_for_descriptors),
        cmocka_unit_test(retires_the_early_allocator),
        cmocka_unit_test(release_what_was_reserved),
        cmocka_unit_test(everything_out_and_back),
        cmocka_unit_test(orders_above_the_largest_fail),
        cmocka_unit_test(zones_fall_back),
        cmocka_unit_test(kernel_memory_is_never_highmem),
        cmocka_unit_test(each_leaves_something_to_the_next),
        cmocka_unit_test(highmem_never_drains_the_rest),
        cmocka_unit_test(waiting_is_reclaiming),
        cmocka_unit_test(kswapd_hears_of_it_at_low),
        cmocka_unit_test(small_machine),
        cmocka_unit_test(dma_fails_rather_than_cheats),
        cmocka_unit_test(reserve_for_those_who_cannot_wait),
        cmocka_unit_test(watermarks_count_the_whole_block),
        cmocka_unit_test(zeroed),
        cmocka_unit_test(by_address),
        cmocka_unit_test(owners),
        cmocka_unit_test(last_reference_frees),
        cmocka_unit_test(misuse_is_named),
        cmocka_unit_test(agrees_with_a_model),
    };
    return cmocka_run_group_tests_name("buddy", tests, 0, 0);
}
