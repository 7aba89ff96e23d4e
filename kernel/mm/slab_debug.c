/*
 * slab_debug.c: what happens to an object in its life, then the checks, then the reports.
 * slab_debug.h draws an object with its red zones.
 */
#include <cpu/backtrace.h>
#include <cpu/panic.h>
#include <lib/irq.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/slab_debug.h>

/* What a stretch of bytes must hold: `fill`, and `end` as the last byte. */
struct pattern {
    uint8_t fill, end;
};

static const struct pattern red_active = {SLUB_RED_ACTIVE, SLUB_RED_ACTIVE};
static const struct pattern red_inactive = {SLUB_RED_INACTIVE, SLUB_RED_INACTIVE};
static const struct pattern poison_free = {POISON_FREE, POISON_END};

bool slab_debug, slab_watched;
static unsigned reports;

static void mark_free(const struct kmem_cache *cache, void *object);
static void check_object(const struct kmem_cache *cache, void *object, bool in_use,
                         const void *caller);
static void report(enum slab_fault fault, const struct kmem_cache *cache, const void *object,
                   const struct slab_track *track, const void *caller);

void slab_debug_enable(void) {
    if (kmem_cache_first()) panic("slab_debug_enable: there are caches already");
    slab_debug = slab_watched = true;
}

unsigned slab_debug_reports(void) {
    return reports;
}

/* ---- the life of an object ---- */

static struct slab_track *track_of(const struct kmem_cache *cache, const void *object) {
    return (struct slab_track *)((uintptr_t)object + cache->stride - SLAB_RED_ZONE) - 1;
}

static void fill(uint8_t *from, const uint8_t *to, struct pattern pattern) {
    if (from == to) return;
    memset(from, pattern.fill, (size_t)(to - from));
    from[to - from - 1] = pattern.end;
}

/* Both red zones; `asked` bytes lie between them. */
static void fill_red_zones(const struct kmem_cache *cache, uint8_t *object, size_t asked,
                           struct pattern pattern) {
    fill(object - SLAB_RED_ZONE, object, pattern);
    fill(object + asked, (const uint8_t *)track_of(cache, object), pattern);
}

void slab_debug_new_object(const struct kmem_cache *cache, void *object) {
    *track_of(cache, object) = (struct slab_track){0, 0, cache->size};
    mark_free(cache, object);
}

static void mark_free(const struct kmem_cache *cache, void *object) {
    fill_red_zones(cache, object, cache->size, red_inactive);
    if (!cache->constructor) fill(object, (uint8_t *)object + cache->size, poison_free);
}

void slab_debug_allocated(const struct kmem_cache *cache, void *object, size_t asked,
                          const void *caller) {
    struct slab_track *track = track_of(cache, object);

    check_object(cache, object, false, caller);
    track->allocated_by = caller;
    track->asked = asked;
    fill_red_zones(cache, object, asked, red_active);
    if (!cache->constructor) memset(object, POISON_INUSE, asked);
}

void slab_debug_resize(const struct kmem_cache *cache, void *object, size_t asked,
                       const void *caller) {
    uint32_t flags = irq_save();
    size_t before = slab_debug_asked(cache, object);

    check_object(cache, object, true, caller);
    track_of(cache, object)->asked = asked;
    if (asked > before) memset((uint8_t *)object + before, POISON_INUSE, asked - before);
    fill_red_zones(cache, object, asked, red_active);
    irq_restore(flags);
}

/* An overrun as long as the red zone damages the track too: believe nothing impossible. */
size_t slab_debug_asked(const struct kmem_cache *cache, const void *object) {
    size_t asked = track_of(cache, object)->asked;
    return asked < cache->size ? asked : cache->size;
}

void slab_debug_freed(const struct kmem_cache *cache, void *object, const void *caller) {
    check_object(cache, object, true, caller);
    track_of(cache, object)->freed_by = caller;
    mark_free(cache, object);
}

/* ---- checks ---- */

/* The first byte of [from, to) that is not as it must be, or a null pointer. */
static const uint8_t *first_wrong(const uint8_t *from, const uint8_t *to, struct pattern pattern) {
    for (; from < to; from++)
        if (*from != (from == to - 1 ? pattern.end : pattern.fill)) return from;
    return 0;
}

/* Reports [from, to) as damaged if it is not as `pattern` says, and repairs it. */
static void check(enum slab_fault fault, const struct kmem_cache *cache, const uint8_t *object,
                  uint8_t *from, uint8_t *to, struct pattern pattern, const void *caller) {
    const uint8_t *wrong = first_wrong(from, to, pattern);
    if (!wrong) return;

    uint32_t flags = irq_save();
    report(fault, cache, object, track_of(cache, object), caller);
    printk("  byte %d of the object is %02x instead of %02x\n", (int)(wrong - object), *wrong,
           wrong == to - 1 ? pattern.end : pattern.fill);
    fill(from, to, pattern);
    irq_restore(flags);
}

static void check_object(const struct kmem_cache *cache, void *object, bool in_use,
                         const void *caller) {
    uint8_t *start = object;
    uint8_t *end = start + (in_use ? slab_debug_asked(cache, object) : cache->size);
    uint8_t *track = (uint8_t *)track_of(cache, object);
    struct pattern red = in_use ? red_active : red_inactive;

    check(SLAB_UNDERRUN, cache, start, start - SLAB_RED_ZONE, start, red, caller);
    if (!in_use && !cache->constructor)
        check(SLAB_USE_AFTER_FREE, cache, start, start, end, poison_free, caller);
    check(SLAB_OVERRUN, cache, start, end, track, red, caller);
}

void slab_debug_check_slab(struct slab *slab, const void *caller) {
    for (unsigned i = 0; i < slab->objects; i++) {
        void *object = slab_object(slab, i);
        check_object(slab->cache, object, slab_object_in_use(slab, object), caller);
    }
}

unsigned slab_debug_check_all(void) {
    unsigned before = reports;
    if (!slab_debug) return 0;

    uint32_t flags = irq_save();
    for (struct kmem_cache *cache = kmem_cache_first(); cache; cache = cache->next)
        for (unsigned list = 0; list < SLAB_LISTS; list++)
            for (struct slab *slab = cache->lists[list]; slab; slab = slab->next)
                slab_debug_check_slab(slab, __builtin_return_address(0));
    irq_restore(flags);
    return reports - before;
}

void slab_report_leaks(struct kmem_cache *cache, const void *caller) {
    for (unsigned list = 0; list < SLAB_LISTS; list++)
        for (struct slab *slab = cache->lists[list]; slab; slab = slab->next)
            for (unsigned i = 0; i < slab->objects; i++) {
                void *object = slab_object(slab, i);
                if (slab_object_in_use(slab, object)) slab_fault(SLAB_LEAK, cache, object, caller);
            }
}

/* ---- reports ---- */

static const char *const names[] = {
    [SLAB_OVERRUN] = "overrun",
    [SLAB_UNDERRUN] = "underrun",
    [SLAB_USE_AFTER_FREE] = "use after free",
    [SLAB_DOUBLE_FREE] = "double free",
    [SLAB_WRONG_CACHE] = "wrong cache",
    [SLAB_LEAK] = "leak",
};

static void print_caller(const char *what, const void *caller) {
    printk("  %s ", what);
    /* A call can be its function's last instruction: look within it. */
    if (caller) print_code_address((uint32_t)(uintptr_t)caller - 1);
    printk(caller ? "\n" : "nobody\n");
}

/* The common part of all reports, which it counts. `track`: a null pointer if there is none. */
static void report(enum slab_fault fault, const struct kmem_cache *cache, const void *object,
                   const struct slab_track *track, const void *caller) {
    reports++;
    printk("slab: %s: cache %s, object %p\n", names[fault], cache ? cache->name : "kmalloc",
           object);
    print_caller("allocated by", track ? track->allocated_by : 0);
    print_caller("freed by    ", track ? track->freed_by : 0);
    print_caller("found by    ", caller);
}

void slab_fault(enum slab_fault fault, const struct kmem_cache *cache, const void *object,
                const void *caller) {
    if (!slab_debug)
        panic("slab: %s: cache %s, object %p", names[fault], cache ? cache->name : "kmalloc",
              object);

    struct slab *slab = slab_of(object);
    bool known = slab && slab_has_object(slab, object);
    uint32_t flags = irq_save();
    report(fault, cache, object, known ? track_of(slab->cache, object) : 0, caller);
    if (fault == SLAB_WRONG_CACHE)
        printk(known ? "  it is an object of cache %s\n" : "  no object begins there\n",
               known ? slab->cache->name : "");
    irq_restore(flags);
}
