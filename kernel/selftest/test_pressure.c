/*
 * test_pressure.c: all allocators at once, until none of them has anything left: each says no and
 * loses nothing.
 */
#include <lib/printk.h>
#include <mm/kmalloc.h>
#include <mm/slab.h>
#include <mm/slab_debug.h>
#include <mm/vmalloc.h>
#include <selftest/accounting.h>
#include <selftest/chain.h>
#include <selftest/random.h>
#include <selftest/test.h>

#define ROUNDS 3
#define FAILURES 50 /* in a row: it is over */

/* What is at the start of each allocation but frames: they are a list. */
struct node {
    struct node *next, *self;
    enum kind { FROM_KMALLOC, FROM_VMALLOC, FROM_CACHE, FRAMES } kind;
};

static struct kmem_cache *cache;
static struct node *list;
static struct chain frames;

static bool take_one(enum kind kind) {
    if (kind == FRAMES) {
        gfp_t gfp = test_random() % 2 ? __GFP_HIGHMEM : test_random() % 4 ? GFP_KERNEL : GFP_DMA;
        struct page *page = alloc_pages(gfp, test_random() % ORDERS, OWNER_OTHER);
        if (page) chain_add(&frames, page);
        return page != NULL;
    }
    size_t size = sizeof(struct node) + (test_random() << test_random() % 6);
    struct node *node = kind == FROM_KMALLOC   ? kmalloc(size, GFP_KERNEL)
                        : kind == FROM_VMALLOC ? vmalloc(size)
                                               : kmem_cache_alloc(cache, GFP_KERNEL);
    if (!node) return false;
    *node = (struct node){list, node, kind};
    list = node;
    return true;
}

static void take_all(void) {
    for (unsigned failures = 0; failures < FAILURES;)
        failures = take_one(test_random() % (FRAMES + 1)) ? 0 : failures + 1;
}

static void give(struct node *node) {
    CHECK(node->self == node);
    if (node->kind == FROM_KMALLOC)
        kfree(node);
    else if (node->kind == FROM_VMALLOC)
        vfree(node);
    else
        kmem_cache_free(cache, node);
}

static void give_some(bool all) {
    struct node *kept = NULL;

    while (list) {
        struct node *node = list;
        list = node->next;
        if (all || test_random() % 2) {
            give(node);
        } else {
            node->next = kept;
            kept = node;
        }
    }
    list = kept;
    if (all)
        chain_free_all(&frames);
    else
        chain_free_half(&frames);
}

static uint32_t sum_of_owners(void) {
    uint32_t sum = 0;
    for (unsigned owner = 0; owner < OWNERS; owner++) sum += pages_of(owner);
    return sum;
}

static void everything_at_once(void) {
    accounting_start();
    cache = kmem_cache_create("test", 200, 0, NULL);
    if (!HAVE(cache)) return;
    for (unsigned round = 0; round < ROUNDS; round++) {
        take_all();
        CHECK_EQUAL(sum_of_owners(), pages_total());
        give_some(false);
        CHECK_EQUAL(sum_of_owners(), pages_total());
    }
    take_all();
    give_some(true);
    kmem_cache_destroy(cache);
    accounting_check();
}

static bool refuses(size_t size, gfp_t gfp) {
    void *memory = kmalloc(size, gfp);
    kfree(memory);
    return memory == NULL;
}

/* Caches and areas are memory too: not a frame is left for them. */
static void nothing_left(void) {
    struct chain all = {0};

    accounting_start();
    slab_reclaim();
    chain_take_all(&all, EVERYTHING, 0);
    CHECK(refuses(KMALLOC_MAX, GFP_ATOMIC));
    CHECK(refuses(PAGE_SIZE, GFP_ATOMIC));
    CHECK(refuses(PAGE_SIZE, GFP_DMA | __GFP_HIGH));
    void *area = vmalloc(1), *screen = ioremap(phys_addr(VGA_TEXT_ADDR), PAGE_SIZE);
    CHECK(!area && !screen);
    vfree(area);
    if (screen) iounmap(screen);
    unsigned given = 0; /* objects that existing slabs have left */
    for (struct node *node; (node = kmalloc(sizeof *node, GFP_ATOMIC)); given++) {
        *node = (struct node){list, node, FROM_KMALLOC};
        list = node;
    }
    CHECK(given < PAGE_SIZE / sizeof(struct node));
    give_some(true);
    chain_free_all(&all);
    accounting_check();
}

/* Pages of users leave frames to the kernel, the kernel leaves frames to handlers, and those leave
 * some to who makes memory free. */
static void each_its_reserve(void) {
    const struct zone *dma = zone_stats(ZONE_DMA), *normal = zone_stats(ZONE_NORMAL);
    uint32_t min = dma->min + normal->min;
    struct chain all = {0};

    accounting_start();
    uint32_t users = chain_take_all(&all, GFP_HIGHUSER, 0);
    CHECK(dma->free + normal->free >= 2 * min);
    CHECK(!refuses(PAGE_SIZE, GFP_KERNEL));
    CHECK(!refuses(16, GFP_KERNEL));
    uint32_t kernel = chain_take_all(&all, GFP_KERNEL, 0);
    CHECK(kernel >= (normal->managed ? normal->min : dma->min));
    CHECK_EQUAL(chain_take_all(&all, GFP_HIGHUSER, 0), 0);
    CHECK(!refuses(PAGE_SIZE, GFP_ATOMIC));
    uint32_t handlers = chain_take_all(&all, GFP_ATOMIC, 0);
    CHECK(handlers >= (normal->managed ? normal->min : dma->min) / 2);
    CHECK(dma->free + normal->free >= min / 2);
    CHECK(chain_take_all(&all, EVERYTHING, 0) >= min / 2);
    CHECK_EQUAL(pages_of(OWNER_FREE), 0);
    if (users) printk("# taken by users %u, kernel %u, handlers %u\n", users, kernel, handlers);
    chain_free_all(&all);
    accounting_check();
}

/* Every second frame is free, as after long use. One byte more than a page needs two frames. */
static void memory_in_pieces(void) {
    struct chain all = {0};

    accounting_start();
    chain_take_all(&all, EVERYTHING, 0);
    chain_free_even(&all);
    CHECK_EQUAL(chain_take_all(&all, EVERYTHING, 1), 0);
    for (size_t size = 1; size <= PAGE_SIZE; size++) {
        void *memory = kmalloc(size, GFP_KERNEL);
        bool two_frames = slab_debug && size > KMALLOC_CACHE_MAX / 2 && size <= KMALLOC_CACHE_MAX;
        CHECK((memory != NULL) != two_frames); /* red zones and alignment take a page more */
        kfree(memory);
    }
    CHECK(refuses(PAGE_SIZE + 1, GFP_KERNEL));
    chain_free_all(&all);
    accounting_check();
}

static const struct test_case cases[] = {
    {"everything_at_once", everything_at_once},
    {"nothing_left", nothing_left},
    {"each_its_reserve", each_its_reserve},
    {"memory_in_pieces", memory_in_pieces},
};

const struct test_suite suite_pressure = TEST_SUITE("pressure", cases);
