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
#include <mm/failalloc.h>
#include <mm/slab.h>
#include <mm/slab_debug.h>
#include <mm/slab_object.h>

#define WASTE_SHIFT 4 /* a slab may lose 1/16 of its bytes */

static struct kmem_cache cache_cache;
static struct kmem_cache *caches;

static void cache_setup(struct kmem_cache *cache, const char *name, size_t size, size_t align,
                        void (*constructor)(void *object));
static void choose_layouts(struct kmem_cache *cache);
static void release_all(struct kmem_cache *cache, enum slab_list list, const void *caller);
static bool grow(struct kmem_cache *cache, gfp_t gfp);
static struct slab *slab_create(struct kmem_cache *cache, gfp_t gfp);
static void slab_release(struct slab *slab, const void *caller);
static void link_slab(struct slab *slab, enum slab_list list);
static void unlink_slab(struct slab *slab);
static void move_slab(struct slab *slab, enum slab_list list);

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
    cache->reciprocal = UINT32_MAX / cache->stride + 1;
    cache->constructor = constructor;
    choose_layouts(cache);

    uint32_t flags = irq_save();
    cache->next = caches;
    caches = cache;
    irq_restore(flags);
}

static size_t bitmap_words(unsigned objects) {
    return (objects + SLAB_WORD_BITS - 1) / SLAB_WORD_BITS;
}

/* lab 14: begin */
/* How many objects 2^order frames have room for, and where the first one is. */
static struct slab_layout lay_out(const struct kmem_cache *cache, unsigned order) {
    size_t bytes = (size_t)PAGE_SIZE << order, before = slab_debug_room_before();
    unsigned objects = bytes / cache->stride, first;

    for (;; objects--) {
        size_t header = sizeof(struct slab) + bitmap_words(objects) * sizeof(uint32_t);
        first = round_up(header + before, cache->align);
        if (objects == 0 || first - before + objects * cache->stride <= bytes) break;
    }
    return (struct slab_layout){order, first, objects};
}
/* lab 14: end */

/* The bytes that are lost where 2^SLAB_ORDER_MAX frames are cut up like this. */
static size_t lost(const struct kmem_cache *cache, struct slab_layout layout) {
    size_t used = layout.objects * cache->stride;
    return (((size_t)PAGE_SIZE << layout.order) - used) << (SLAB_ORDER_MAX - layout.order);
}

/*
 * Usual is the smallest order that loses little, or else the one that loses least, in proportion;
 * smallest is one that has room for an object. That is a single frame, but for objects of nearly
 * a page: as long as there are frames, there are objects.
 */
static void choose_layouts(struct kmem_cache *cache) {
    cache->usual = lay_out(cache, SLAB_ORDER_MAX);
    for (unsigned order = SLAB_ORDER_MAX + 1; order-- > 0;) {
        struct slab_layout layout = lay_out(cache, order);
        if (layout.objects == 0) break;
        cache->smallest = layout;
        size_t loss = lost(cache, layout);
        if (loss <= lost(cache, cache->usual) ||
            loss <= ((size_t)PAGE_SIZE << SLAB_ORDER_MAX) >> WASTE_SHIFT)
            cache->usual = layout;
    }
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

    if (kmem_cache_in_use(cache)) slab_report_leaks(cache, caller);
    for (unsigned list = 0; list < SLAB_LISTS; list++) release_all(cache, list, caller);
    kmem_cache_free(&cache_cache, cache);
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
        uint32_t flags = irq_save();
        struct slab *slab = cache->empty;
        if (slab && slab->in_use) slab = 0; /* it has been used since */
        if (slab) unlink_slab(slab);
        cache->empty = 0;
        irq_restore(flags);
        if (!slab) continue;
        frames += 1u << page_order(page_of(slab));
        slab_release(slab, __builtin_return_address(0));
    }
    return frames;
}

struct kmem_cache *kmem_cache_first(void) {
    return caches;
}

unsigned kmem_cache_in_use(const struct kmem_cache *cache) {
    unsigned in_use = 0;

    uint32_t flags = irq_save();
    for (unsigned list = 0; list < SLAB_LISTS; list++)
        for (const struct slab *slab = cache->lists[list]; slab; slab = slab->next)
            in_use += slab->in_use;
    irq_restore(flags);
    return in_use;
}

/* ---- objects ---- */

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp) {
    if (slab_watched || gfp & (__GFP_HIGHMEM | __GFP_DMA | __GFP_ZERO))
        return slab_alloc(cache, gfp, cache->size, __builtin_return_address(0));
    return slab_take(cache, gfp);
}

void *slab_alloc(struct kmem_cache *cache, gfp_t gfp, size_t asked, const void *caller) {
    if (gfp & __GFP_HIGHMEM) panic("slab: cache %s: __GFP_HIGHMEM", cache->name);
    if ((gfp & __GFP_DMA) && !(cache->zone & __GFP_DMA))
        panic("slab: cache %s: __GFP_DMA", cache->name);
    if ((gfp & __GFP_ZERO) && cache->constructor)
        panic("slab: cache %s: __GFP_ZERO, and it has a constructor", cache->name);

    if (failalloc_armed && failalloc()) return 0;
    void *object = slab_take(cache, gfp);
    if (!object) return 0;
    if (slab_debug) slab_debug_allocated(cache, object, asked, caller);
    if (gfp & __GFP_ZERO) memset(object, 0, slab_debug ? asked : cache->size);
    return object;
}

void kmem_cache_free(struct kmem_cache *cache, void *object) {
    struct slab *slab = slab_of(object);

    if (slab_debug || !slab || slab->cache != cache || !slab_put(slab, object, 0))
        slab_free(cache, object, __builtin_return_address(0));
}

void slab_free(struct kmem_cache *cache, void *object, const void *caller) {
    struct slab *slab = slab_of(object);

    if (!slab || slab->cache != cache || !slab_has_object(slab, object)) {
        slab_fault(SLAB_WRONG_CACHE, cache, object, caller);
        return;
    }
    uint32_t flags = irq_save();
    if (!slab_object_in_use(slab, object)) {
        slab_fault(SLAB_DOUBLE_FREE, cache, object, caller);
    } else {
        if (slab_debug) slab_debug_freed(cache, object, caller);
        slab_put(slab, object, caller);
    }
    irq_restore(flags);
}

bool slab_has_object(const struct slab *slab, const void *pointer) {
    return slab_index(slab, pointer) < slab->objects;
}

bool slab_object_in_use(const struct slab *slab, const void *object) {
    unsigned index = slab_index(slab, object);
    return !(slab->map[index / SLAB_WORD_BITS] >> index % SLAB_WORD_BITS & 1);
}

/* ---- slabs: what taking and putting leads to ---- */

static uint32_t *map_end(struct slab *slab) {
    return slab->map + bitmap_words(slab->objects);
}

/* Makes `word`, or the first one after it that is not 0, the one to take objects from. */
static void take_from(struct slab *slab, uint32_t *word) {
    while (word < map_end(slab) && *word == 0) word++;
    slab->word = word;
    slab->word_index = (unsigned)(word - slab->map) * SLAB_WORD_BITS;
    slab->word_start = slab->start + slab->word_index * slab->cache->stride;
}

/* lab 14: begin */
void *slab_take_rest(struct kmem_cache *cache, gfp_t gfp, uint32_t flags) {
    struct slab *slab;

    while ((slab = cache->lists[SLAB_SOME_FREE])) {
        take_from(slab, slab->word);
        if (slab->word < map_end(slab)) break;
        move_slab(slab, SLAB_FULL);
    }
    irq_restore(flags);
    if (!slab && !grow(cache, gfp)) return 0;
    return slab_take(cache, gfp);
}
/* lab 14: end */

/* A new slab for the cache; false if there is no memory. */
static bool grow(struct kmem_cache *cache, gfp_t gfp) {
    struct slab *slab = slab_create(cache, gfp);
    if (!slab) return false;
    uint32_t flags = irq_save();
    cache->slabs++;
    link_slab(slab, SLAB_SOME_FREE);
    irq_restore(flags);
    return true;
}

/* lab 14: begin */
/* One empty slab is kept for the next user. */
bool slab_put_rest(struct slab *slab, unsigned index, const void *caller, uint32_t flags) {
    struct kmem_cache *cache = slab->cache;
    bool surplus = false;

    if (slab->word == map_end(slab)) move_slab(slab, SLAB_SOME_FREE);
    if (index < slab->word_index) take_from(slab, &slab->map[index / SLAB_WORD_BITS]);
    if (slab->in_use == 0) {
        surplus = cache->empty && cache->empty != slab && cache->empty->in_use == 0;
        if (surplus)
            unlink_slab(slab);
        else
            cache->empty = slab;
    }
    irq_restore(flags);
    if (surplus) slab_release(slab, caller);
    return true;
}
/* lab 14: end */

/* ---- slabs: how they come and go ---- */

/* Enters a slab, or a null pointer, in the descriptors of its frames. */
static void describe(struct page *pages, unsigned order, struct slab *slab) {
    uint32_t flags = irq_save();
    for (unsigned i = 0; i < 1u << order; i++) { /* those of a block are neighbours */
        pages[i].flags = slab ? pages[i].flags | PG_SLAB : pages[i].flags & ~PG_SLAB;
        pages[i].private = slab;
    }
    irq_restore(flags);
}

/* The frames of a slab, of the usual size or, if there is no such block, the smallest. Nobody is
 * made to give up memory for the first. */
static struct slab *slab_frames(struct kmem_cache *cache, gfp_t gfp, struct slab_layout *layout) {
    struct slab *slab = 0;
    gfp = (gfp & (__GFP_HIGH | __GFP_WAIT | __GFP_MEMALLOC)) | cache->zone;

    *layout = cache->usual;
    if (layout->order > cache->smallest.order) {
        slab = __get_free_pages(gfp & ~__GFP_WAIT, layout->order, OWNER_SLAB);
        if (!slab) *layout = cache->smallest;
    }
    return slab ? slab : __get_free_pages(gfp, layout->order, OWNER_SLAB);
}

/* What only constructors and slab_debug want of a new slab. */
static void prepare_objects(struct slab *slab) {
    for (unsigned i = 0; i < slab->objects; i++) {
        if (slab_debug) slab_debug_new_object(slab->cache, slab_object(slab, i));
        if (slab->cache->constructor) slab->cache->constructor(slab_object(slab, i));
    }
}

/* A slab of free, constructed objects that is on no list yet. */
static struct slab *slab_create(struct kmem_cache *cache, gfp_t gfp) {
    struct slab_layout layout;
    struct slab *slab = slab_frames(cache, gfp, &layout);
    if (!slab) return 0;

    *slab = (struct slab){.cache = cache, .start = (uint8_t *)slab + layout.first};
    slab->objects = layout.objects;
    for (unsigned i = 0; i < bitmap_words(layout.objects); i++) slab->map[i] = ~0u;
    if (layout.objects % SLAB_WORD_BITS)
        slab->map[layout.objects / SLAB_WORD_BITS] = (1u << layout.objects % SLAB_WORD_BITS) - 1;
    take_from(slab, slab->map);
    describe(page_of(slab), layout.order, slab);
    if (slab_debug || cache->constructor) prepare_objects(slab);
    return slab;
}

/* Gives the frames of a slab back, which is on no list any more. */
static void slab_release(struct slab *slab, const void *caller) {
    struct page *page = page_of(slab);
    struct kmem_cache *cache = slab->cache;
    unsigned order = page_order(page);

    if (slab_debug) slab_debug_check_slab(slab, caller);
    uint32_t flags = irq_save();
    cache->slabs--;
    irq_restore(flags);
    describe(page, order, 0);
    free_pages(page, order);
}

/* Puts the slab at the head of a list. */
static void link_slab(struct slab *slab, enum slab_list list) {
    struct slab **head = &slab->cache->lists[list];

    slab->next = *head;
    slab->link = head;
    if (*head) (*head)->link = &slab->next;
    *head = slab;
}

static void unlink_slab(struct slab *slab) {
    *slab->link = slab->next;
    if (slab->next) slab->next->link = slab->link;
}

static void move_slab(struct slab *slab, enum slab_list list) {
    unlink_slab(slab);
    link_slab(slab, list);
}
