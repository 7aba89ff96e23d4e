/*
 * buddy.c: the buddy allocator.
 *
 * A block of order n is 2^n frames and starts at a multiple of 2^n. Cut in halves, it becomes two
 * buddies of order n - 1, whose numbers differ in one bit: frame ^ 2^(n-1). When both are free,
 * they become one block again, so that free memory is always in the largest blocks there can be.
 *
 * Alloc takes from the smallest order that will do and frees the upper halves; free joins upwards.
 * Either takes at most ORDER_MAX steps, however much memory there is.
 */
#include <cpu/panic.h>
#include <lib/irq.h>
#include <lib/string.h>
#include <mm/buddy.h>
#include <mm/direct_map.h>
#include <mm/early.h>
#include <mm/failalloc.h>
#include <mm/kmap.h>
#include <mm/reclaim.h>

/*
 * Nearly all calls are for one frame that is there. What they go through is INLINE, and so compiled
 * with order 0 known, which halves it; all else is a RARE call. As measured in docs/performance.md.
 */
#define INLINE static inline __attribute__((always_inline))
#define RARE static __attribute__((noinline))

#define LARGE_BLOCK_TRIES 16u

static struct zone zones[ZONES];
static struct zone *best_zone[ZONES]; /* this one, or the next lower one that the machine has */
static uint32_t counts[OWNERS];       /* frames; those of OWNER_FREE are counted in the zones */
static uint32_t total;
static struct early_run reserved[OWNERS]; /* all reserved frames of an owner lie in its range */

/* ---- taking over ---- */

static void take_over(uint32_t first, uint32_t end, enum page_owner owner);
static void free_range(uint32_t first, uint32_t end);
static void set_watermarks(void);
static void set_floors(void);
INLINE void give_block(struct page *page, unsigned order);

void buddy_init(void) {
    static const char *const names[ZONES] = {"DMA", "NORMAL", "HIGHMEM"};
    for (unsigned id = 0; id < ZONES; id++) zones[id] = (struct zone){.name = names[id]};
    for (unsigned owner = 0; owner < OWNERS; owner++) {
        counts[owner] = 0;
        reserved[owner] = (struct early_run){UINT32_MAX, 0, (enum page_owner)owner};
    }
    total = 0;

    struct early_run run = {0};
    for (uint32_t end; early_next_run(run.end, &run); run.end = end) {
        end = (run.first | (SECTION_FRAMES - 1)) + 1; /* section by section */
        if (end > run.end) end = run.end;
        take_over(run.first, end, run.owner);
    }
    set_watermarks();
    early_retire();
}

/* Frames of one section, usable all, of one owner. */
static void take_over(uint32_t first, uint32_t end, enum page_owner owner) {
    struct page *page = pfn_to_page(pfn(first));

    if (!page) owner = OWNER_BEYOND;
    total += end - first;
    if (owner == OWNER_FREE) {
        free_range(first, end);
        return;
    }
    counts[owner] += end - first;
    if (page) {
        for (uint32_t i = 0; i < end - first; i++) page[i].flags |= owner << PAGE_OWNER_SHIFT;
        if (first < reserved[owner].first) reserved[owner].first = first;
        if (end > reserved[owner].end) reserved[owner].end = end;
    }
}

bool buddy_release_frame(pfn_t frame, enum page_owner owner) {
    struct page *page = pfn_to_page(frame);

    if (!page || !(page->flags & PG_RESERVED) || page_owner(page) != owner) return false;
    uint32_t eflags = irq_save();
    counts[owner]--;
    free_range(frame.value, frame.value + 1);
    irq_restore(eflags);
    return true;
}

uint32_t buddy_release(enum page_owner owner) {
    uint32_t released = 0;
    if (owner == OWNER_FREE || owner >= OWNER_BEYOND)
        panic("buddy_release: %s is not an owner", page_owner_name(owner));

    for (uint32_t frame = reserved[owner].first; frame < reserved[owner].end; frame++)
        if (buddy_release_frame(pfn(frame), owner)) released++;
    uint32_t eflags = irq_save();
    set_watermarks();
    irq_restore(eflags);
    return released;
}

/* Frees reserved frames of one section, in the largest blocks that fit. */
static void free_range(uint32_t first, uint32_t end) {
    struct page *page = pfn_to_page(pfn(first));

    zones[page_zone(page)].managed += end - first;
    for (uint32_t i = 0; i < end - first; i++) page[i].flags &= PAGE_PLACE_MASK;
    while (first < end) {
        unsigned order = 0;
        while (order < ORDER_MAX && first % (2u << order) == 0 && end - first >= 2u << order)
            order++;
        give_block(pfn_to_page(pfn(first)), order);
        first += 1u << order;
    }
}

static uint32_t square_root(uint32_t n) {
    uint32_t root = 0;
    while ((root + 1) * (root + 1) <= n) root++;
    return root;
}

/*
 * `min` is what is kept for those who cannot wait. It grows with the square root of memory, as in
 * Linux: 4 * sqrt(KB) KB, which is sqrt(KB) frames, for DMA and NORMAL together, to each by its
 * size; 64 MB keep 1 MB, 896 MB not quite 4. HIGHMEM keeps little: whoever cannot wait needs
 * memory that has an address. At `low` it is time to reclaim frames, at `high` there are enough.
 */
static void set_watermarks(void) {
    uint32_t lowmem = zones[ZONE_DMA].managed + zones[ZONE_NORMAL].managed;
    uint32_t reserve = square_root(lowmem * (PAGE_SIZE / 1024));

    for (unsigned id = 0; id < ZONES; id++) {
        struct zone *zone = &zones[id];
        if (id != ZONE_HIGHMEM)
            zone->min = lowmem ? reserve * zone->managed / lowmem : 0;
        else
            zone->min = zone->managed < 128 * 1024 ? zone->managed / 1024 : 128;
        zone->low = zone->min + zone->min / 4;
        zone->high = zone->min + zone->min / 2;
    }
    set_floors();
}

/*
 * A request that HIGHMEM could serve as well must not take all of NORMAL: page tables and the rest
 * of the kernel can live nowhere else. So a zone keeps, beside `min`, a part of what the better
 * zones have (Linux: lowmem_reserve): the more there is up there, the more those below are needed
 * to manage it. A machine without HIGHMEM keeps `min` once more from pages of user programs.
 *
 *   left by            in DMA           in NORMAL       in HIGHMEM     (a machine with 1200 MB)
 *   __GFP_HIGHMEM      min + 4.6 MB     min + 9.5 MB    min
 *   GFP_KERNEL         min + 3.4 MB     min
 *   GFP_DMA            min
 */
static void set_floors(void) {
    static const uint32_t ratio[ZONES] = {[ZONE_DMA] = 256, [ZONE_NORMAL] = 32, [ZONE_HIGHMEM] = 1};

    for (unsigned id = 0; id < ZONES; id++) {
        uint32_t better = 0;
        for (unsigned wanted = id; wanted < ZONES; wanted++) {
            uint32_t kept = better / ratio[id];
            if (wanted == ZONE_HIGHMEM && id != ZONE_HIGHMEM && kept < zones[id].min)
                kept = zones[id].min;
            zones[id].floor[wanted] = zones[id].min + kept;
            zones[id].easy[wanted] = zones[id].low + kept;
            if (wanted + 1 < ZONES) better += zones[wanted + 1].managed;
        }
        best_zone[id] = id > ZONE_DMA && !zones[id].managed ? best_zone[id - 1] : &zones[id];
    }
}

/* ---- the free lists ----------------------------------------------------------------------------
 *
 * Linked through the descriptors of their first frames. What 16 frames may look like, from frame 16
 * on, `##` being allocated:
 *
 *   frame    16  17  18  19  20  21  22  23  24  25  26  27  28  29  30  31
 *          +---+---+-------+---------------+-------------------------------+
 *          |## | 0 |   1   |###############|               3               |
 *          +---+---+-------+---------------+-------------------------------+
 *   lists    order 0: 17     order 1: 18     order 2: -     order 3: 24
 *
 * When 16 is freed, its buddy 17 = 16 ^ 1 is free: order 1 at 16. Its buddy 18 = 16 ^ 2 is free and
 * of order 1: order 2 at 16. Its buddy 20 = 16 ^ 4 is not free, so that is all.
 */

INLINE void list_add(struct zone *zone, struct page *page, unsigned order) {
    struct page **head = &zone->free_list[order], *next = *head;

    page->flags = (page->flags & PAGE_PLACE_MASK) | order << PAGE_ORDER_SHIFT | PG_BUDDY;
    page->count = 0;
    page->next = next;
    page->link = head;
    if (next) next->link = &page->next;
    *head = page;
    zone->free_blocks[order]++;
    zone->free_orders |= 1u << order;
}

INLINE void list_remove(struct zone *zone, struct page *page, unsigned order) {
    struct page *next = page->next, **link = page->link;

    *link = next;
    if (next) next->link = link;
    if (--zone->free_blocks[order] == 0) zone->free_orders &= ~(1u << order);
}

/* lab 10: begin */
/* A block of `order` out of a larger one: the upper halves stay. */
RARE struct page *cut(struct zone *zone, unsigned order) {
    unsigned have = order + (unsigned)__builtin_ctz(zone->free_orders >> order);
    struct page *page = zone->free_list[have];

    list_remove(zone, page, have);
    while (have > order) {
        have--;
        list_add(zone, page + (1u << have), have);
    }
    return page;
}
/* lab 10: end */

/* A block out of a zone that has one of this order or a larger one. */
INLINE struct page *take_block(struct zone *zone, unsigned order) {
    struct page *page = zone->free_list[order];

    if (page)
        list_remove(zone, page, order);
    else
        page = cut(zone, order);
    zone->free -= 1u << order;
    return page;
}

/* lab 10: begin */
/* The buddy of a block, if it is free as a whole, else a null pointer. Blocks do not straddle
 * sections, so its descriptor is a neighbour in the same array. */
INLINE struct page *free_buddy(struct page *page, unsigned order) {
    uint32_t size = 1u << order;
    struct page *buddy = page_to_pfn(page).value & size ? page - size : page + size;

    return (buddy->flags & (PG_BUDDY | PAGE_ORDER_MASK)) == (PG_BUDDY | order << PAGE_ORDER_SHIFT)
               ? buddy
               : NULL;
}

/* Joins a block with its buddy for as long as that is free, and makes the result free. */
RARE void join(struct zone *zone, struct page *page, unsigned order) {
    struct page *buddy;

    for (; order < ORDER_MAX && (buddy = free_buddy(page, order)); order++) {
        list_remove(zone, buddy, order);
        buddy->flags &= PAGE_PLACE_MASK; /* one of them is no block's first frame any more */
        page->flags &= PAGE_PLACE_MASK;
        if (buddy < page) page = buddy;
    }
    list_add(zone, page, order);
}
/* lab 10: end */

/* Makes a block free. */
INLINE void give_block(struct page *page, unsigned order) {
    static struct zone *const zone_of[ZONES] = {&zones[0], &zones[1], &zones[2]};
    struct zone *zone = zone_of[page_zone(page)]; /* a load, where &zones[id] multiplies */

    zone->free += 1u << order;
    if (order < ORDER_MAX && free_buddy(page, order))
        join(zone, page, order);
    else
        list_add(zone, page, order);
}

/* ---- allocating ---- */

INLINE struct page *take(gfp_t gfp, unsigned order, enum page_owner owner);
INLINE bool leaves(const struct zone *zone, uint32_t frames, unsigned order);
RARE struct page *alloc_block(gfp_t gfp, unsigned order, enum page_owner owner);
RARE struct page *reclaim_and_take(gfp_t gfp, unsigned order, enum page_owner owner);
RARE void clear_block(struct page *page, unsigned order);

static bool may_own(enum page_owner owner) {
    return owner > OWNER_FREE && owner < OWNER_BEYOND;
}

struct page *alloc_pages(gfp_t gfp, unsigned order, enum page_owner owner) {
    if (!may_own(owner))
        panic("alloc_pages: order %u: %s is not an owner", order, page_owner_name(owner));
    if (order | failalloc_armed) return alloc_block(gfp, order, owner);

    struct page *page = take(gfp, 0, owner);
    if (!page) page = reclaim_and_take(gfp, 0, owner);
    if (page && gfp & __GFP_ZERO) clear_block(page, 0);
    return page;
}

RARE struct page *alloc_block(gfp_t gfp, unsigned order, enum page_owner owner) {
    if (failalloc_armed && failalloc()) return NULL;
    struct page *page = order <= ORDER_MAX ? take(gfp, order, owner) : NULL;
    if (!page) page = reclaim_and_take(gfp, order, owner);
    if (page && gfp & __GFP_ZERO) clear_block(page, order);
    return page;
}

/* The zone that a request would like best, on a machine that has them all. */
INLINE enum zone_id zone_wanted(gfp_t gfp) {
    static const uint8_t wanted[] = {
        [GFP_NOWAIT] = ZONE_NORMAL,
        [__GFP_DMA] = ZONE_DMA,
        [__GFP_HIGHMEM] = ZONE_HIGHMEM,
        [__GFP_DMA | __GFP_HIGHMEM] = ZONE_DMA,
    };
    return (enum zone_id)wanted[gfp & (__GFP_DMA | __GFP_HIGHMEM)];
}

/* Has the zone such a block, and so many frames besides? */
INLINE bool leaves(const struct zone *zone, uint32_t frames, unsigned order) {
    if (zone->free < frames + (1u << order)) return false;
    return order == 0 || zone->free_orders >> order != 0; /* any block has a single frame */
}

bool frames_are_low(enum zone_id wanted) {
    for (const struct zone *zone = best_zone[wanted]; zone >= &zones[ZONE_DMA]; zone--)
        if (zone->free > zone->easy[wanted]) return false;
    return true;
}

bool frames_are_plenty(enum zone_id wanted) {
    for (const struct zone *zone = best_zone[wanted]; zone >= &zones[ZONE_DMA]; zone--)
        if (zone->free > zone->easy[wanted] + (zone->high - zone->low)) return true;
    return false;
}

/* What a request leaves in a zone at the least: half of `min`, or nothing, for who may go below that. */
static uint32_t least_left(const struct zone *zone, enum zone_id wanted, gfp_t gfp) {
    if (gfp & __GFP_MEMALLOC) return 0;
    return gfp & __GFP_HIGH ? zone->floor[wanted] - zone->min / 2 : zone->floor[wanted];
}

/* The first zone that can give such a block, of `zone` and those below; or a null pointer. It is for
 * kswapd to see that it stays the exception. */
RARE struct zone *look_closely(struct zone *zone, enum zone_id wanted, gfp_t gfp, unsigned order) {
    const struct zone *const best = zone;

    if (frames_are_low(wanted)) kswapd_wake(wanted);
    for (; zone >= &zones[ZONE_DMA]; zone--) {
        if (!leaves(zone, least_left(zone, wanted, gfp), order)) continue;
        if (zone != best) zone->fallbacks++;
        return zone;
    }
    return NULL;
}

INLINE struct page *take(gfp_t gfp, unsigned order, enum page_owner owner) {
    enum zone_id wanted = zone_wanted(gfp);
    struct page *page = NULL;
    uint32_t eflags = irq_save();
    struct zone *zone = best_zone[wanted];

    if (!leaves(zone, zone->easy[wanted], order)) zone = look_closely(zone, wanted, gfp, order);
    if (zone) {
        page = take_block(zone, order);
        page->flags = (page->flags & PAGE_PLACE_MASK) | order << PAGE_ORDER_SHIFT |
                      owner << PAGE_OWNER_SHIFT | PG_HEAD;
        page->count = 1;
        page->private = NULL;
        counts[owner] += 1u << order;
        zone->allocs++;
    }
    irq_restore(eflags);
    return page;
}

/*
 * There is no block. This is the one place where an allocation may wait for memory: who has
 * __GFP_WAIT makes others give up what they can do without, until there is a block or nothing
 * more to give up. That makes single frames; that they lie side by side is luck, so who wants more
 * than one does not have all of memory written to the disk for it.
 */
RARE struct page *reclaim_and_take(gfp_t gfp, unsigned order, enum page_owner owner) {
    enum zone_id wanted = zone_wanted(gfp);
    unsigned tries = order == 0 ? UINT32_MAX : LARGE_BLOCK_TRIES;
    struct page *page = NULL;

    if (order > ORDER_MAX) gfp &= ~__GFP_WAIT;
    while (!page && gfp & __GFP_WAIT && tries-- > 0 && reclaim_frames(wanted))
        page = take(gfp, order, owner);
    if (page) return page;
    uint32_t eflags = irq_save();
    best_zone[wanted]->failures++;
    irq_restore(eflags);
    return NULL;
}

RARE void clear_block(struct page *page, unsigned order) {
    if (page_zone(page) != ZONE_HIGHMEM)
        memset(page_address(page), 0, (size_t)PAGE_SIZE << order);
    else
        for (uint32_t i = 0; i < 1u << order; i++) page_zero(page + i);
}

void *__get_free_pages(gfp_t gfp, unsigned order, enum page_owner owner) {
    if (gfp & __GFP_HIGHMEM)
        panic("__get_free_pages: order %u, %s: frames of HIGHMEM have no address", order,
              page_owner_name(owner));
    struct page *page = alloc_pages(gfp, order, owner);
    return page ? page_address(page) : NULL;
}

void *__get_free_page(gfp_t gfp, enum page_owner owner) {
    return __get_free_pages(gfp, 0, owner);
}

/* ---- freeing, and what can be wrong with it ----
 *
 * Of an allocated block only the first frame has PG_HEAD, and nothing that is free or reserved has
 * it. So one flag tells a good block, and only what fails that test is looked at closely.
 */

/* Says in a panic what `page` is, which is not the first frame of an allocated block. */
static void refuse(const char *caller, struct page *page) {
    if (!page) panic("%s: no page: a null pointer", caller);
    uint32_t frame = page_to_pfn(page).value;
    const struct page *head = page_head(page);

    if (!head) panic("%s: frame %x was never allocated: damaged descriptor", caller, frame);
    const char *owner = page_owner_name(page_owner(head));
    if (head->flags & PG_RESERVED && page_owner(head) == OWNER_FREE)
        panic("%s: frame %x is not usable memory", caller, frame);
    if (head->flags & PG_RESERVED)
        panic("%s: frame %x is reserved, never allocated: owner %s", caller, frame, owner);
    if (head->flags & PG_BUDDY)
        panic("%s: double free: frame %x is free already, in the block of order %u at %x", caller,
              frame, page_order(head), page_to_pfn(head).value);
    panic("%s: frame %x is in the middle of the block of order %u at %x: owner %s", caller, frame,
          page_order(head), page_to_pfn(head).value, owner);
}

/* The same for a block that free_pages() does not take. */
RARE void refuse_free(struct page *page, unsigned order) {
    if (!page || !(page->flags & PG_HEAD)) refuse("free_pages", page);
    if (page_order(page) != order)
        panic("free_pages: wrong order %u: frame %x was allocated with order %u: owner %s", order,
              page_to_pfn(page).value, page_order(page), page_owner_name(page_owner(page)));
    panic("free_pages: frame %x, order %u, has %u references, not one: owner %s",
          page_to_pfn(page).value, order, page->count, page_owner_name(page_owner(page)));
}

static void check_block(const char *caller, struct page *page) {
    if (!page || !(page->flags & PG_HEAD)) refuse(caller, page);
}

/* Interrupts are off, the block is one, and nobody has a reference. */
INLINE void free_block(struct page *page, unsigned order) {
    counts[page_owner(page)] -= 1u << order;
    give_block(page, order);
}

RARE void free_large_block(struct page *page, unsigned order) {
    free_block(page, order);
}

INLINE void free_unused(struct page *page, unsigned order) {
    if (order == 0)
        free_block(page, 0);
    else
        free_large_block(page, order);
}

INLINE bool may_be_freed(const struct page *page, unsigned order) {
    return page && page->count == 1 &&
           (page->flags & (PG_HEAD | PAGE_ORDER_MASK)) == (PG_HEAD | order << PAGE_ORDER_SHIFT);
}

INLINE void check_and_free(struct page *page, unsigned order) {
    uint32_t eflags = irq_save();
    if (!may_be_freed(page, order)) refuse_free(page, order);
    free_block(page, order);
    irq_restore(eflags);
}

RARE void free_blocks(struct page *page, unsigned order) {
    check_and_free(page, order);
}

void free_pages(struct page *page, unsigned order) {
    if (order == 0)
        check_and_free(page, 0);
    else
        free_blocks(page, order);
}

void free_pages_at(void *address, unsigned order) {
    struct page *page = pfn_to_page(phys_to_pfn(virt_to_phys(address)));
    /* Any address outside the direct map comes out as a frame of HIGHMEM, or none. */
    if (!page || page_zone(page) == ZONE_HIGHMEM || (uintptr_t)address % PAGE_SIZE)
        panic("free_pages_at: %p, order %u, is not the address of a frame", address, order);
    free_pages(page, order);
}

void free_page(void *address) {
    free_pages_at(address, 0);
}

void get_page(struct page *page) {
    uint32_t eflags = irq_save();
    check_block("get_page", page);
    page->count++;
    irq_restore(eflags);
}

void put_page(struct page *page) {
    uint32_t eflags = irq_save();
    check_block("put_page", page);
    if (--page->count == 0) free_unused(page, page_order(page));
    irq_restore(eflags);
}

/* ---- accounting ---- */

void page_set_owner(struct page *page, enum page_owner owner) {
    if (!may_own(owner)) panic("page_set_owner: %s is not an owner", page_owner_name(owner));
    uint32_t eflags = irq_save();
    check_block("page_set_owner", page);
    counts[page_owner(page)] -= 1u << page_order(page);
    counts[owner] += 1u << page_order(page);
    page->flags = (page->flags & ~PAGE_OWNER_MASK) | owner << PAGE_OWNER_SHIFT;
    irq_restore(eflags);
}

uint32_t pages_total(void) {
    return total;
}

uint32_t pages_of(enum page_owner owner) {
    if (owner != OWNER_FREE) return counts[owner];
    return zones[ZONE_DMA].free + zones[ZONE_NORMAL].free + zones[ZONE_HIGHMEM].free;
}

const struct zone *zone_stats(enum zone_id id) {
    return &zones[id];
}
