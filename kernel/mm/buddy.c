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

static struct zone zones[ZONES];
static uint32_t counts[OWNERS]; /* frames */
static uint32_t total;
static struct early_run reserved[OWNERS]; /* all reserved frames of an owner lie in its range */

/* ---- taking over ---- */

static void take_over(uint32_t first, uint32_t end, enum page_owner owner);
static void free_range(uint32_t first, uint32_t end);
static void set_watermarks(void);
static void give_block(struct page *page, unsigned order);

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
    counts[owner] += end - first;
    total += end - first;
    if (owner == OWNER_FREE) {
        free_range(first, end);
    } else if (page) {
        for (uint32_t i = 0; i < end - first; i++) page[i].flags |= owner << PAGE_OWNER_SHIFT;
        if (first < reserved[owner].first) reserved[owner].first = first;
        if (end > reserved[owner].end) reserved[owner].end = end;
    }
}

uint32_t buddy_release(enum page_owner owner) {
    uint32_t released = 0;
    if (owner == OWNER_FREE || owner >= OWNER_BEYOND)
        panic("buddy_release: %s is not an owner", page_owner_name(owner));

    for (uint32_t frame = reserved[owner].first; frame < reserved[owner].end; frame++) {
        struct page *page = pfn_to_page(pfn(frame));
        if (!page || !(page->flags & PG_RESERVED) || page_owner(page) != owner) continue;
        uint32_t eflags = irq_save();
        counts[owner]--;
        counts[OWNER_FREE]++;
        free_range(frame, frame + 1);
        irq_restore(eflags);
        released++;
    }
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
}

/* ---- the free lists ----------------------------------------------------------------------------
 *
 * Linked by frame number through the descriptors; frame 0 is never free, so 0 is the end. What 16
 * frames may look like, from frame 16 on, `##` being allocated:
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

static void list_add(struct zone *zone, struct page *page, unsigned order) {
    uint32_t frame = page_to_pfn(page).value;
    uint32_t next = zone->free_list[order];

    page->flags = (page->flags & PAGE_PLACE_MASK) | order << PAGE_ORDER_SHIFT | PG_BUDDY;
    page->count = 0;
    page->next = next;
    page->previous = 0;
    if (next) pfn_to_page(pfn(next))->previous = frame;
    zone->free_list[order] = frame;
    zone->free_blocks[order]++;
    zone->free_orders |= 1u << order;
}

static void list_remove(struct zone *zone, struct page *page, unsigned order) {
    if (page->next) pfn_to_page(pfn(page->next))->previous = page->previous;
    if (page->previous)
        pfn_to_page(pfn(page->previous))->next = page->next;
    else
        zone->free_list[order] = page->next;
    zone->free_blocks[order]--;
    if (zone->free_list[order] == 0) zone->free_orders &= ~(1u << order);
    page->flags &= PAGE_PLACE_MASK;
}

/* A block out of a zone that has one of this order or a larger one. */
static struct page *take_block(struct zone *zone, unsigned order) {
    unsigned have = order + (unsigned)__builtin_ctz(zone->free_orders >> order);
    struct page *page = pfn_to_page(pfn(zone->free_list[have]));

    list_remove(zone, page, have);
    while (have > order) {
        have--;
        list_add(zone, page + (1u << have), have); /* the upper half stays */
    }
    zone->free -= 1u << order;
    return page;
}

/* Makes a block free and joins it with its buddy for as long as that is free as a whole. */
static void give_block(struct page *page, unsigned order) {
    struct zone *zone = &zones[page_zone(page)];
    uint32_t frame = page_to_pfn(page).value;

    zone->free += 1u << order;
    for (; order < ORDER_MAX; order++) {
        struct page *buddy = pfn_to_page(pfn(frame ^ 1u << order));
        if (!(buddy->flags & PG_BUDDY) || page_order(buddy) != order) break;
        list_remove(zone, buddy, order);
        frame &= ~(1u << order);
    }
    list_add(zone, pfn_to_page(pfn(frame)), order);
}

/* ---- allocating ---- */

static struct page *take_from_zones(gfp_t gfp, unsigned order);
static bool zone_may_give(const struct zone *zone, gfp_t gfp, unsigned order);

static bool may_own(enum page_owner owner) {
    return owner > OWNER_FREE && owner < OWNER_BEYOND;
}

struct page *alloc_pages(gfp_t gfp, unsigned order, enum page_owner owner) {
    if (!may_own(owner))
        panic("alloc_pages: order %u: %s is not an owner", order, page_owner_name(owner));

    uint32_t eflags = irq_save();
    struct page *page = take_from_zones(gfp, order);
    if (page) {
        page->flags |= order << PAGE_ORDER_SHIFT | owner << PAGE_OWNER_SHIFT | PG_HEAD;
        page->count = 1;
        page->private = NULL;
        counts[OWNER_FREE] -= 1u << order;
        counts[owner] += 1u << order;
    }
    irq_restore(eflags);

    if (!page || !(gfp & __GFP_ZERO)) return page;
    if (page_zone(page) != ZONE_HIGHMEM)
        memset(page_address(page), 0, (size_t)PAGE_SIZE << order);
    else
        for (uint32_t i = 0; i < 1u << order; i++) page_zero(page + i);
    return page;
}

static struct page *take_from_zones(gfp_t gfp, unsigned order) {
    unsigned first = gfp & __GFP_DMA ? ZONE_DMA : gfp & __GFP_HIGHMEM ? ZONE_HIGHMEM : ZONE_NORMAL;
    while (first > ZONE_DMA && zones[first].managed == 0) first--; /* not on this machine */

    for (unsigned id = first + 1; id-- > ZONE_DMA;) {
        struct zone *zone = &zones[id];
        if (!zone_may_give(zone, gfp, order)) continue;
        zone->allocs++;
        if (id != first) zone->fallbacks++;
        return take_block(zone, order);
    }
    zones[first].failures++;
    return NULL;
}

static bool zone_may_give(const struct zone *zone, gfp_t gfp, unsigned order) {
    if (order > ORDER_MAX || zone->free_orders >> order == 0) return false;
    return gfp & __GFP_HIGH || zone->free >= zone->min + (1u << order);
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

/* ---- freeing, and what can be wrong with it ---- */

/* Panics unless `page` is the first frame of an allocated block, in words that say what it is. */
static void check_block(const char *caller, struct page *page) {
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
    if (head != page)
        panic("%s: frame %x is in the middle of the block of order %u at %x: owner %s", caller,
              frame, page_order(head), page_to_pfn(head).value, owner);
}

/* Interrupts are off, the block is one, and nobody has a reference. */
static void free_block(struct page *page) {
    unsigned order = page_order(page);

    counts[page_owner(page)] -= 1u << order;
    counts[OWNER_FREE] += 1u << order;
    page->flags &= PAGE_PLACE_MASK;
    give_block(page, order);
}

void free_pages(struct page *page, unsigned order) {
    uint32_t eflags = irq_save();
    check_block("free_pages", page);
    if (page_order(page) != order)
        panic("free_pages: wrong order %u: frame %x was allocated with order %u: owner %s", order,
              page_to_pfn(page).value, page_order(page), page_owner_name(page_owner(page)));
    if (page->count != 1)
        panic("free_pages: frame %x, order %u, has %u references, not one: owner %s",
              page_to_pfn(page).value, order, page->count, page_owner_name(page_owner(page)));
    free_block(page);
    irq_restore(eflags);
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
    if (--page->count == 0) free_block(page);
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
    return counts[owner];
}

const struct zone *zone_stats(enum zone_id id) {
    return &zones[id];
}
