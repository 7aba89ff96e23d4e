/*
 * slab.c: caches, their slabs and the objects in them, in that order. slab.h draws a slab.
 *
 * The caches are objects of a cache themselves; the first one is a variable. Interrupts are off
 * only while lists and bits change, and during the checks of slab_debug.
 */
#include <cpu/panic.h>
#include <lib/irq.h>
#include <lib/string.h>
#include <mm/buddy.h>
#include <mm/slab.h>
#include <mm/slab_debug.h>

#define WORD_BITS 32
#define FULL_WORD ~0u
#define WASTE_SHIFT 4 /* a slab may lose 1/16 of its bytes */

static struct kmem_cache cache_cache;
static struct kmem_cache *caches;

static void cache_setup(struct kmem_cache *cache, const char *name, size_t size, size_t align,
                        void (*constructor)(void *object));
static void choose_order(struct kmem_cache *cache);
static void release_all(struct kmem_cache *cache, enum slab_list list, const void *caller);
static struct slab *slab_create(struct kmem_cache *cache, gfp_t gfp);
static void slab_release(struct slab *slab, const void *caller);
static void move_to_its_list(struct slab *slab);
static void unlink_slab(struct slab *slab);
static void *take_object(struct slab *slab);
static void put_object(struct slab *slab, const void *object);

static size_t round_up(size_t value, size_t power_of_two) {
    return (value + power_of_two - 1) & ~(power_of_two - 1);
}

/* ---- caches ---- */

void slab_init(void) {
    caches = 0;
    cache_setup(&cache_cache, "kmem_cache", sizeof(struct kmem_cache), 0, 0);
}

struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
                                     void (*constructor)(void *object)) {
    if (size == 0 || size > SLAB_OBJECT_MAX)
        panic("kmem_cache_create: %s: objects of %zu bytes", name, size);
    if (align > PAGE_SIZE || (align & (align - 1)))
        panic("kmem_cache_create: %s: alignment %zu", name, align);

    struct kmem_cache *cache =
        slab_alloc(&cache_cache, GFP_KERNEL, sizeof(*cache), __builtin_return_address(0));
    if (cache) cache_setup(cache, name, size, align, constructor);
    return cache;
}

static void cache_setup(struct kmem_cache *cache, const char *name, size_t size, size_t align,
                        void (*constructor)(void *object)) {
    memset(cache, 0, sizeof(*cache));
    strlcpy(cache->name, name, sizeof(cache->name));
    cache->size = size;
    cache->align = align > SLAB_ALIGN_MIN ? align : SLAB_ALIGN_MIN;
    cache->stride = round_up(size + slab_debug_room(), cache->align);
    cache->constructor = constructor;
    choose_order(cache);

    uint32_t flags = irq_save();
    cache->next = caches;
    caches = cache;
    irq_restore(flags);
}

static size_t bitmap_words(unsigned objects) {
    return (objects + WORD_BITS - 1) / WORD_BITS;
}

/* Lays slabs of 2^order frames out: `first` and `objects`. Returns the bytes lost in each. */
static size_t lay_out(struct kmem_cache *cache, unsigned order) {
    size_t bytes = (size_t)PAGE_SIZE << order;

    cache->order = order;
    cache->objects = bytes / cache->stride;
    for (;; cache->objects--) {
        size_t header = sizeof(struct slab) + bitmap_words(cache->objects) * sizeof(uint32_t);
        size_t before = slab_debug_room_before();
        cache->first = round_up(header + before, cache->align);
        if (cache->first - before + cache->objects * cache->stride <= bytes) break;
    }
    return bytes - cache->objects * cache->stride;
}

/* The smallest order that loses little, or else the one that loses least, in proportion. */
static void choose_order(struct kmem_cache *cache) {
    unsigned best = SLAB_ORDER_MAX;

    for (unsigned order = SLAB_ORDER_MAX + 1; order-- > 0;) {
        size_t lost = lay_out(cache, order) << (SLAB_ORDER_MAX - order);
        size_t least = lay_out(cache, best) << (SLAB_ORDER_MAX - best);
        if (lost <= least || lost <= ((size_t)PAGE_SIZE << SLAB_ORDER_MAX) >> WASTE_SHIFT)
            best = order;
    }
    lay_out(cache, best);
}

void kmem_cache_destroy(struct kmem_cache *cache) {
    const void *caller = __builtin_return_address(0);
    if (!cache) return;

    uint32_t flags = irq_save();
    struct kmem_cache **link = &caches;
    while (*link && *link != cache) link = &(*link)->next;
    if (!*link || cache == &cache_cache) panic("kmem_cache_destroy: %p is no cache", (void *)cache);
    *link = cache->next;
    irq_restore(flags);

    if (cache->in_use) slab_report_leaks(cache, caller);
    for (unsigned list = 0; list < SLAB_LISTS; list++) release_all(cache, list, caller);
    slab_free(&cache_cache, cache, caller);
}

static void release_all(struct kmem_cache *cache, enum slab_list list, const void *caller) {
    for (;;) {
        uint32_t flags = irq_save();
        struct slab *slab = cache->lists[list];
        if (slab) unlink_slab(slab);
        irq_restore(flags);
        if (!slab) return;
        slab_release(slab, caller);
    }
}

unsigned slab_reclaim(void) {
    unsigned frames = 0;

    for (struct kmem_cache *cache = caches; cache; cache = cache->next) {
        if (cache->lists[SLAB_EMPTY]) frames += 1u << cache->order;
        release_all(cache, SLAB_EMPTY, __builtin_return_address(0));
    }
    return frames;
}

struct kmem_cache *kmem_cache_first(void) {
    return caches;
}

size_t kmem_cache_wasted(const struct kmem_cache *cache) {
    return cache->slabs * (((size_t)PAGE_SIZE << cache->order) - cache->objects * cache->size);
}

/* ---- objects ---- */

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp) {
    return slab_alloc(cache, gfp, cache->size, __builtin_return_address(0));
}

void *slab_alloc(struct kmem_cache *cache, gfp_t gfp, size_t asked, const void *caller) {
    if (gfp & __GFP_HIGHMEM) panic("slab: cache %s: __GFP_HIGHMEM", cache->name);
    if ((gfp & __GFP_DMA) && !(cache->zone & __GFP_DMA))
        panic("slab: cache %s: __GFP_DMA", cache->name);
    if ((gfp & __GFP_ZERO) && cache->constructor)
        panic("slab: cache %s: __GFP_ZERO, and it has a constructor", cache->name);

    uint32_t flags = irq_save();
    struct slab *slab = cache->lists[SLAB_PARTIAL];
    if (!slab) slab = cache->lists[SLAB_EMPTY];
    if (!slab) {
        irq_restore(flags); /* the constructor may take its time */
        slab = slab_create(cache, gfp);
        if (!slab) return 0;
        flags = irq_save();
        cache->slabs++;
    }
    void *object = take_object(slab);
    if (slab_debug) slab_debug_allocated(cache, object, asked, caller);
    irq_restore(flags);

    if (gfp & __GFP_ZERO) memset(object, 0, slab_debug ? asked : cache->size);
    return object;
}

void kmem_cache_free(struct kmem_cache *cache, void *object) {
    slab_free(cache, object, __builtin_return_address(0));
}

void slab_free(struct kmem_cache *cache, void *object, const void *caller) {
    struct slab *slab = slab_of(object), *surplus = 0;

    if (!slab || slab->cache != cache || !slab_has_object(slab, object)) {
        slab_fault(SLAB_WRONG_CACHE, cache, object, caller);
        return;
    }
    uint32_t flags = irq_save();
    if (slab_object_in_use(slab, object)) {
        if (slab_debug) slab_debug_freed(cache, object, caller);
        put_object(slab, object);
        if (slab->in_use == 0 && slab->next) surplus = slab; /* another one is empty already */
        if (surplus) unlink_slab(surplus);
    } else {
        slab_fault(SLAB_DOUBLE_FREE, cache, object, caller);
    }
    irq_restore(flags);
    if (surplus) slab_release(surplus, caller);
}

static unsigned index_of(const struct slab *slab, const void *object) {
    size_t offset = (size_t)((const uint8_t *)object - (const uint8_t *)slab);
    return (unsigned)((offset - slab->cache->first) / slab->cache->stride);
}

/* Looks at 16 words at most: objects that small have slabs of one frame. */
static void *take_object(struct slab *slab) {
    unsigned word = slab->search;

    while (slab->used[word] == FULL_WORD) word++;
    unsigned bit = (unsigned)__builtin_ctz(~slab->used[word]);
    slab->used[word] |= 1u << bit;
    slab->search = word;
    slab->in_use++;
    slab->cache->in_use++;
    slab->cache->allocations++;
    move_to_its_list(slab);
    return slab_object(slab, word * WORD_BITS + bit);
}

static void put_object(struct slab *slab, const void *object) {
    unsigned index = index_of(slab, object), word = index / WORD_BITS;

    slab->used[word] &= ~(1u << index % WORD_BITS);
    if (word < slab->search) slab->search = word;
    slab->in_use--;
    slab->cache->in_use--;
    slab->cache->frees++;
    move_to_its_list(slab);
}

/* ---- slabs ---- */

/* A slab of free, constructed objects that is on no list yet. */
static struct slab *slab_create(struct kmem_cache *cache, gfp_t gfp) {
    struct slab *slab =
        __get_free_pages(cache->zone | (gfp & __GFP_HIGH), cache->order, OWNER_SLAB);
    if (!slab) return 0;

    memset(slab, 0, sizeof(*slab) + bitmap_words(cache->objects) * sizeof(uint32_t));
    slab->cache = cache;
    struct page *pages = page_of(slab); /* those of a block are neighbours */
    for (unsigned frame = 0; frame < 1u << cache->order; frame++) {
        pages[frame].flags |= PG_SLAB;
        pages[frame].private = slab;
    }
    for (unsigned i = 0; i < cache->objects; i++) {
        if (slab_debug) slab_debug_new_object(cache, slab_object(slab, i));
        if (cache->constructor) cache->constructor(slab_object(slab, i));
    }
    return slab;
}

/* Gives the frames of a slab back, which is on no list any more. */
static void slab_release(struct slab *slab, const void *caller) {
    struct page *pages = page_of(slab);
    struct kmem_cache *cache = slab->cache;

    if (slab_debug) slab_debug_check_slab(slab, caller);
    uint32_t flags = irq_save();
    cache->slabs--;
    irq_restore(flags);
    for (unsigned frame = 0; frame < 1u << cache->order; frame++) {
        pages[frame].flags &= ~PG_SLAB;
        pages[frame].private = 0;
    }
    free_pages(pages, cache->order);
}

bool slab_has_object(const struct slab *slab, const void *pointer) {
    size_t offset = (size_t)((const uint8_t *)pointer - (const uint8_t *)slab);
    const struct kmem_cache *cache = slab->cache;

    return offset >= cache->first && (offset - cache->first) % cache->stride == 0 &&
           (offset - cache->first) / cache->stride < cache->objects;
}

bool slab_object_in_use(const struct slab *slab, const void *object) {
    unsigned index = index_of(slab, object);
    return slab->used[index / WORD_BITS] >> index % WORD_BITS & 1;
}

/* Puts the slab at the head of the list that its count of objects asks for. */
static void move_to_its_list(struct slab *slab) {
    unsigned list = slab->in_use == 0                      ? SLAB_EMPTY
                    : slab->in_use == slab->cache->objects ? SLAB_FULL
                                                           : SLAB_PARTIAL;
    struct slab **head = &slab->cache->lists[list];

    if (slab->link) unlink_slab(slab);
    slab->next = *head;
    slab->link = head;
    if (*head) (*head)->link = &slab->next;
    *head = slab;
}

static void unlink_slab(struct slab *slab) {
    *slab->link = slab->next;
    if (slab->next) slab->next->link = slab->link;
    slab->link = 0;
}
