/*
 * slab.h: caches of objects of one size each, cut from blocks of page frames (Bonwick, "The Slab
 * Allocator", 1994). Names and contracts are Linux's; kmalloc.h is built on top.
 *
 * Objects may be allocated, with GFP_ATOMIC, and freed in an interrupt handler; caches are made,
 * destroyed and reclaimed from by tasks. All memory lies in the direct map.
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

/* A slab that has become full stays on the first list until an object is wanted of it. */
enum slab_list { SLAB_SOME_FREE, SLAB_FULL, SLAB_LISTS };

/* How a block of 2^order frames is cut up. */
struct slab_layout {
    unsigned order;
    unsigned first;   /* from the start of the slab to its first object */
    unsigned objects; /* in the slab */
};

/* Read by the monitor; written by slab.c, but for `zone` and `general`. */
struct kmem_cache {
    char name[SLAB_NAME_SIZE];
    size_t size;                        /* of an object, as asked for */
    size_t align;                       /* of an object */
    unsigned stride;                    /* from an object to the next */
    uint32_t reciprocal;                /* of the stride: see index_of() */
    struct slab_layout usual, smallest; /* the second for when memory is in pieces */
    void (*constructor)(void *object);
    gfp_t zone;   /* __GFP_DMA: all its slabs lie there; set before the first allocation */
    bool general; /* one of kmalloc's: kfree() takes its objects */

    unsigned slabs;
    uint64_t allocations; /* so far */

    struct slab *lists[SLAB_LISTS];
    struct slab *empty; /* the one slab that may be empty; others are given back when they are */
    struct kmem_cache *next;
};

/*
 * A slab: a block of 2^order frames, aligned to its size. Each of its page descriptors has PG_SLAB
 * and points here, so that the slab of any object is found in one step.
 *
 *  0                                  start        start + stride
 *  +-------------+--------+-----------+----------+-----+----------+-----+--   --+-----------+
 *  | struct slab | map[]  | alignment | object 0 | pad | object 1 | pad |  ...  | remainder |
 *  +-------------+--------+-----------+----------+-----+----------+-----+--   --+-----------+
 *
 * map[] has one bit for each object, 1 while it is free. It is the free list: nothing is kept
 * within free objects, so they stay constructed or poisoned, a write to one of them cannot lead
 * the allocator astray, and every double free is seen. All words before `word` are 0, so that an
 * object is found without a search. It is the end of map[] in the slabs of the list SLAB_FULL.
 */
struct slab {
    struct kmem_cache *cache;
    struct slab *next, **link; /* link: what points here */
    uint8_t *start;            /* its first object */
    unsigned objects, in_use;
    uint32_t *word;
    unsigned word_index; /* of the object of bit 0 of that word */
    uint8_t *word_start; /* that object */
    uint32_t map[];
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
 * if there is no memory: a single frame always serves, however the others lie. __GFP_ZERO only
 * without a constructor, __GFP_DMA only if the cache's zone is DMA, __GFP_HIGHMEM never: else
 * panics.
 */
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp);

/*
 * Takes an object of this cache back. Always caught, in a few instructions: an object of another
 * cache, a pointer that is no object's start, an object that is free. (But when the whole slab has
 * been given back, a second free is "wrong cache", and an object handed out again is not known.)
 */
void kmem_cache_free(struct kmem_cache *cache, void *object);

/* Gives the empty slabs of all caches back: for reclaim_frames(). Returns the frames. */
unsigned slab_reclaim(void);

/* The first cache; the others follow by `next`. */
struct kmem_cache *kmem_cache_first(void);

/* Objects that are allocated. It adds the slabs up, so not for reports of damage. */
unsigned kmem_cache_in_use(const struct kmem_cache *cache);

/* ---- for kmalloc.c and slab_debug.c ---- */

/* kmem_cache_alloc() of which only `asked` bytes are the caller's, and kmem_cache_free(), with all
 * checks and with slab_debug; `caller` is a return address. */
void *slab_alloc(struct kmem_cache *cache, gfp_t gfp, size_t asked, const void *caller);
void slab_free(struct kmem_cache *cache, void *object, const void *caller);

/* The descriptor of the frame that holds this byte, or a null pointer if it is not in RAM or not in
 * the direct map. Any pointer may be asked about. */
static inline struct page *page_of(const void *pointer) {
    phys_addr_t phys = virt_to_phys(pointer);
    return phys.value < DIRECT_MAP_MAX ? pfn_to_page(pfn((uint32_t)phys.value >> PAGE_SHIFT)) : 0;
}

/* The slab that holds this byte, or a null pointer. Any pointer may be asked about. */
static inline struct slab *slab_of(const void *pointer) {
    const struct page *page = page_of(pointer);
    if (!page || !(page->flags & PG_SLAB)) return 0;
    struct slab *slab = page->private;
    if (!slab) __builtin_unreachable(); /* PG_SLAB says that there is one */
    return slab;
}

/* Does an object of the slab start here? Is it allocated? Only ask the second after the first. */
bool slab_has_object(const struct slab *slab, const void *pointer);
bool slab_object_in_use(const struct slab *slab, const void *object);

static inline void *slab_object(struct slab *slab, unsigned index) {
    return slab->start + index * slab->cache->stride;
}

#endif
