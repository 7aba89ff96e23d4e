/*
 * bench_memory.c: the operations that bench.c measures. Each takes something and gives it back.
 */
#include <mm/kmalloc.h>
#include <mm/kmap.h>
#include <mm/slab.h>
#include <mm/tlb.h>
#include <mm/vmalloc.h>
#include <lib/string.h>
#include <selftest/bench.h>

#define BELOW_LARGEST ((1u << ORDER_MAX) - 1)

/* ---- the free lists, settled ---- */

static struct page *held;       /* linked through `private` */
static struct page *cut[ZONES]; /* the frame that a largest block was cut up for */

static void hold(struct page *page) {
    page->private = held;
    held = page;
}

/* `gfp` is such that all comes from this zone for as long as it has a block. */
static void settle_zone(enum zone_id id, gfp_t gfp) {
    const struct zone *zone = zone_stats(id);
    if (zone->free_orders >> ORDER_MAX == 0) return; /* too small a zone */

    while (zone->free_orders & BELOW_LARGEST) {
        unsigned order = (unsigned)__builtin_ctz(zone->free_orders);
        hold(alloc_pages(gfp | __GFP_MEMALLOC, order, OWNER_OTHER));
    }
    cut[id] = alloc_pages(gfp | __GFP_MEMALLOC, 0, OWNER_OTHER);
}

/* Where GFP_KERNEL looks first. */
static enum zone_id kernel_zone(void) {
    return zone_stats(ZONE_NORMAL)->managed ? ZONE_NORMAL : ZONE_DMA;
}

void bench_settle(void) {
    settle_zone(kernel_zone(), GFP_KERNEL);
    if (zone_stats(ZONE_HIGHMEM)->managed) settle_zone(ZONE_HIGHMEM, __GFP_HIGHMEM);
}

void bench_unsettle(void) {
    for (unsigned id = 0; id < ZONES; id++) {
        if (cut[id]) free_pages(cut[id], 0);
        cut[id] = NULL;
    }
    while (held) {
        struct page *page = held;
        held = page->private;
        free_pages(page, page_order(page));
    }
}

/* ---- nothing, and a page of zeros: to compare with ---- */

static bool nothing(void) {
    return true;
}

static uint8_t scratch[PAGE_SIZE];

static bool clear_page(void) {
    memset(scratch, 0, sizeof scratch);
    return true;
}

/* ---- buddy ---- */

static bool take_and_free(unsigned order) {
    struct page *page = alloc_pages(GFP_KERNEL, order, OWNER_OTHER);
    if (page) free_pages(page, order);
    return page;
}

static bool order_0(void) {
    return take_and_free(0);
}

static bool order_10(void) {
    return take_and_free(10);
}

/* Without the frame that was cut off, there is nothing smaller than the largest order: each frame
 * costs ORDER_MAX cuts, and ORDER_MAX joins to give it back. */
static const char *join_all(void) {
    struct page **page = &cut[kernel_zone()];
    if (!*page) return "too little memory";
    free_pages(*page, 0);
    *page = NULL;
    return NULL;
}

static void cut_again(void) {
    cut[kernel_zone()] = alloc_pages(GFP_KERNEL | __GFP_MEMALLOC, 0, OWNER_OTHER);
}

/* ---- slab and kmalloc ---- */

static bool kmalloc_and_free(size_t bytes) {
    void *memory = kmalloc(bytes, GFP_KERNEL);
    kfree(memory);
    return memory;
}

static bool kmalloc_32(void) {
    return kmalloc_and_free(32);
}

static bool kmalloc_1k(void) {
    return kmalloc_and_free(1024);
}

static bool kmalloc_64k(void) {
    return kmalloc_and_free(65536);
}

static struct kmem_cache *cache;

static const char *make_cache(void) {
    cache = kmem_cache_create("bench", 64, 0, NULL);
    return cache ? NULL : "out of memory";
}

static void drop_cache(void) {
    kmem_cache_destroy(cache);
}

static bool cache_object(void) {
    void *object = kmem_cache_alloc(cache, GFP_KERNEL);
    if (object) kmem_cache_free(cache, object);
    return object;
}

/* ---- page tables ---- */

static phys_addr_t scratch_phys(void) {
    return virt_to_phys(scratch);
}

static bool unmap(const struct mm *mm, virt_addr_t virt, uintptr_t bytes) {
    struct tlb_gather gather;

    tlb_gather_start(&gather, mm);
    enum map_error error = pt_unmap(&gather, virt, bytes);
    tlb_gather_finish(&gather);
    return error == MAP_OK;
}

static bool map_and_unmap(const struct mm *mm, virt_addr_t virt) {
    return pt_map(mm, virt, scratch_phys(), PAGE_SIZE, MAP_KERNEL_DATA) == MAP_OK &&
           unmap(mm, virt, PAGE_SIZE);
}

/* Two pages in vmalloc()'s range. The first stays mapped, and keeps the table. */
static struct vm_area window;
static bool window_mapped;

static void close_window(void) {
    if (window_mapped) unmap(&kernel_mm, window.start, PAGE_SIZE);
    window_mapped = false;
    vm_area_free(&vmalloc_region, &window);
}

static const char *open_window(void) {
    if (!vm_area_alloc(&vmalloc_region, &window, 2 * PAGE_SIZE, VM_AREA_IOREMAP, open_window))
        return "no addresses";
    window_mapped = pt_map(&kernel_mm, window.start, scratch_phys(), PAGE_SIZE,
                           MAP_KERNEL_DATA) == MAP_OK;
    return window_mapped ? NULL : "out of memory";
}

static bool map_in_window(void) {
    return map_and_unmap(&kernel_mm, virt_addr(window.start.value + PAGE_SIZE));
}

/* An address space of its own, loaded: its lower half is empty. */
#define OWN_START 0x40000000u
static struct mm own;

static const char *enter_own_space(void) {
    if (pt_create(&own)) return "out of memory";
    mm_load(&own);
    return NULL;
}

static void leave_own_space(void) {
    if (mm_loaded() != &own) return;
    mm_load(&kernel_mm);
    pt_destroy(&own, NULL);
}

static bool map_new_table(void) {
    return map_and_unmap(&own, virt_addr(OWN_START));
}

/* A large page, on a block of the largest order, which is at least as large. */
static struct page *large_block;

static const struct paging_level *large_level(void) {
    return &kernel_mm.mode->level[kernel_mm.mode->levels - 2];
}

static const char *make_large(void) {
    large_block = NULL;
    if (!level_has_large(large_level())) return "no large pages";
    large_block = alloc_pages(GFP_KERNEL, ORDER_MAX, OWNER_OTHER);
    if (!large_block || enter_own_space() ||
        pt_map(&own, virt_addr(OWN_START), page_to_phys(large_block), level_bytes(large_level()),
               MAP_KERNEL_DATA))
        return "out of memory";
    return NULL;
}

static void drop_large(void) {
    if (mm_loaded() == &own) unmap(&own, virt_addr(OWN_START), level_bytes(large_level()));
    leave_own_space();
    if (large_block) free_pages(large_block, ORDER_MAX);
}

static bool split_and_join(void) {
    struct tlb_gather gather;
    tlb_gather_start(&gather, &own);
    if (pt_split(&gather, virt_addr(OWN_START))) return false;
    tlb_gather_finish(&gather);
    bool joined = pt_join(&gather, virt_addr(OWN_START));
    tlb_gather_finish(&gather);
    return joined;
}

/* ---- kmap, vmalloc ---- */

static struct page *high_page;

static const char *take_high_page(void) {
    high_page = NULL;
    if (!zone_stats(ZONE_HIGHMEM)->managed) return "no memory above 896 MB";
    high_page = alloc_pages(__GFP_HIGHMEM, 0, OWNER_OTHER);
    return high_page ? NULL : "out of memory";
}

static void free_high_page(void) {
    if (high_page) free_pages(high_page, 0);
}

static bool kmap_atomic_high_page(void) {
    kunmap_atomic(kmap_atomic(high_page));
    return true;
}

static bool kmap_high_page(void) {
    void *address = kmap(high_page);
    if (address) kunmap(high_page);
    return address;
}

/* More frames than places, so that each takes the place of another. */
static const char *take_high_block(void) {
    high_page = NULL;
    if (!zone_stats(ZONE_HIGHMEM)->managed) return "no memory above 896 MB";
    high_page = alloc_pages(__GFP_HIGHMEM, ORDER_MAX, OWNER_OTHER);
    return high_page && page_zone(high_page) == ZONE_HIGHMEM ? NULL : "out of memory";
}

static void free_high_block(void) {
    if (high_page) free_pages(high_page, ORDER_MAX);
}

static bool kmap_another(void) {
    static unsigned number;
    struct page *page = high_page + number++ % (1u << ORDER_MAX);
    void *address = kmap(page);
    if (address) kunmap(page);
    return address;
}

static bool vmalloc_64k(void) {
    void *memory = vmalloc(65536);
    vfree(memory);
    return memory;
}

static const char *tables_come_and_go(void) {
    return kernel_mm.mode->fixed_start ? "the kernel's tables stay in this mode" : NULL;
}

/* ---- TLB ---- */

static bool flush_page(void) {
    tlb_flush_page(&kernel_mm, virt_addr((uintptr_t)scratch));
    return true;
}

static bool flush_all(void) {
    tlb_flush_all(mm_loaded());
    return true;
}

static bool flush_all_global(void) {
    tlb_flush_all_global();
    return true;
}

const struct bench bench_list[] = {
    {"loop", 1000, nothing, NULL, NULL},
    {"clear-4k", 1000, clear_page, NULL, NULL},
    {"alloc-free-order0", 1000, order_0, NULL, NULL},
    {"alloc-free-order0-split", 1000, order_0, join_all, cut_again},
    {"alloc-free-order10", 1000, order_10, NULL, NULL},
    {"kmalloc-free-32", 1000, kmalloc_32, NULL, NULL},
    {"kmalloc-free-1k", 1000, kmalloc_1k, NULL, NULL},
    {"kmalloc-free-64k", 1000, kmalloc_64k, NULL, NULL},
    {"cache-alloc-free-64", 1000, cache_object, make_cache, drop_cache},
    {"map-unmap", 1000, map_in_window, open_window, close_window},
    {"map-unmap-new-table", 100, map_new_table, enter_own_space, leave_own_space},
    {"split-join", 20, split_and_join, make_large, drop_large},
    {"kmap-atomic", 1000, kmap_atomic_high_page, take_high_page, free_high_page},
    {"kmap-again", 1000, kmap_high_page, take_high_page, free_high_page},
    {"kmap-first", 1000, kmap_another, take_high_block, free_high_block},
    {"vmalloc-vfree-64k", 100, vmalloc_64k, open_window, close_window},
    {"vmalloc-vfree-64k-new-table", 100, vmalloc_64k, tables_come_and_go, NULL},
    {"tlb-page", 1000, flush_page, NULL, NULL},
    {"tlb-all", 1000, flush_all, NULL, NULL},
    {"tlb-all-global", 1000, flush_all_global, NULL, NULL},
};
const unsigned bench_count = sizeof bench_list / sizeof bench_list[0];
