/*
 * slab.h: caches of objects of one size each, cut from blocks of page frames (Bonwick, "The Slab
 * Allocator", 1994). Names and contracts are Linux's; kmalloc.h is built on top.
 *
 * Any function may be called from an interrupt handler. All memory lies in the direct map.
 * Programming errors end in a named panic, or in a report where slab_debug.h is switched on.
 */
#ifndef MM_SLAB_H
#define MM_SLAB_H

#include <mm/direct_map.h>
#include <mm/gfp.h>
#include <mm/page.h>

#define SLAB_NAME_SIZE 24
#define SLAB_ALIGN_MIN 8
#define SLAB_OBJECT_MAX PAGE_SIZE
#define SLAB_ORDER_MAX 3 /* a slab has at most 8 frames */

enum slab_list { SLAB_PARTIAL, SLAB_FULL, SLAB_EMPTY, SLAB_LISTS };

/* Read by the monitor; written by slab.c, but for `zone` and `general`. */
struct kmem_cache {
    char name[SLAB_NAME_SIZE];
    size_t size;      /* of an object, as asked for */
    size_t align;     /* of an object */
    size_t stride;    /* from an object to the next */
    size_t first;     /* from the start of a slab to its first object */
    unsigned order;   /* a slab has 2^order frames */
    unsigned objects; /* in a slab */
    void (*constructor)(void *object);
    gfp_t zone;   /* __GFP_DMA: all its slabs lie there; set before the first allocation */
    bool general; /* one of kmalloc's: kfree() takes its objects */

    unsigned slabs;
    unsigned in_use; /* objects */
    uint64_t allocations, frees;

    struct slab *lists[SLAB_LISTS]; /* SLAB_EMPTY: at most one, others are given back */
    struct kmem_cache *next;
};

/*
 * A slab: a block of 2^order frames, aligned to its size. Each of its page descriptors has PG_SLAB
 * and points here, so that the slab of any object is found in one step.
 *
 *  0                                  first            first + stride
 *  +-------------+--------+-----------+----------+-----+----------+-----+--   --+-----------+
 *  | struct slab | used[] | alignment | object 0 | pad | object 1 | pad |  ...  | remainder |
 *  +-------------+--------+-----------+----------+-----+----------+-----+--   --+-----------+
 *
 * used[] has one bit for each object, 1 while it is allocated. It is the free list: nothing is kept
 * within free objects, so they stay constructed or poisoned, a write to one of them cannot lead
 * the allocator astray, and every double free is seen.
 */
struct slab {
    struct kmem_cache *cache;
    struct slab *next, **link; /* link: what points here */
    unsigned in_use;
    unsigned search; /* the words of used[] before this one are full */
    uint32_t used[];
};

/* Makes the cache that caches come from. To be called once, when alloc_pages() works. */
void slab_init(void);

/*
 * A cache of objects of `size` bytes (1 ... SLAB_OBJECT_MAX), aligned to `align`: a power of two up
 * to PAGE_SIZE; below SLAB_ALIGN_MIN it is SLAB_ALIGN_MIN. `constructor` (or a null pointer) is
 * called for each object once when its slab is made; who frees an object leaves it constructed.
 * `name` is copied. A null pointer if there is no memory; panics if an argument is out of range.
 */
struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
                                     void (*constructor)(void *object));

/* Gives all of the cache's memory back. Objects still in use are a leak: a panic, or a report for
 * each, after which they are gone. A null pointer is fine. */
void kmem_cache_destroy(struct kmem_cache *cache);

/*
 * An object with unknown contents or as the constructor and its last user left it; a null pointer
 * if there is no memory. __GFP_ZERO only without a constructor, __GFP_DMA only if the cache's zone
 * is DMA, __GFP_HIGHMEM never: else panics.
 */
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp);

/*
 * Takes an object of this cache back. Always caught, in a few instructions: an object of another
 * cache, a pointer that is no object's start, an object that is free. (But when the whole slab has
 * been given back, a second free is "wrong cache", and an object handed out again is not known.)
 */
void kmem_cache_free(struct kmem_cache *cache, void *object);

/* Gives the empty slabs of all caches back, for when memory is short. Returns the frames. */
unsigned slab_reclaim(void);

/* The first cache; the others follow by `next`. Not stable while interrupts create caches. */
struct kmem_cache *kmem_cache_first(void);

/* Bytes of the cache's slabs that no object can use: headers, alignment, padding, remainders. */
size_t kmem_cache_wasted(const struct kmem_cache *cache);

/* ---- for kmalloc.c and slab_debug.c ---- */

/* kmem_cache_alloc() of which only `asked` bytes are the caller's; `caller` is a return address. */
void *slab_alloc(struct kmem_cache *cache, gfp_t gfp, size_t asked, const void *caller);
void slab_free(struct kmem_cache *cache, void *object, const void *caller);

/* The descriptor of the frame that holds this byte, or a null pointer if it is not in RAM or not in
 * the direct map. Any pointer may be asked about. */
static inline struct page *page_of(const void *pointer) {
    phys_addr_t phys = virt_to_phys(pointer);
    return phys.value < DIRECT_MAP_MAX ? pfn_to_page(phys_to_pfn(phys)) : 0;
}

/* The slab that holds this byte, or a null pointer. Any pointer may be asked about. */
static inline struct slab *slab_of(const void *pointer) {
    const struct page *page = page_of(pointer);
    return page && (page->flags & PG_SLAB) ? page->private : 0;
}

/* Does an object of the slab start here? Is it allocated? Only ask the second after the first. */
bool slab_has_object(const struct slab *slab, const void *pointer);
bool slab_object_in_use(const struct slab *slab, const void *object);

static inline void *slab_object(struct slab *slab, unsigned index) {
    return (uint8_t *)slab + slab->cache->first + index * slab->cache->stride;
}

#endif
