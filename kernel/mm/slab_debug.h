/*
 * slab_debug.h: catches who writes where he must not, and says who allocated and freed the object.
 * "slab_debug" on the kernel's command line switches it on. Each fault is one block of lines, which
 * begins with "slab: <kind>: cache <name>, object <address>"; the damage is repaired and the kernel
 * goes on.
 *
 * Overrun and underrun are found when the object is freed, or checked; use after free when it is
 * handed out again, checked, or its slab given back. Objects with a constructor are not poisoned,
 * as freed ones must stay constructed: of them, use after free is not seen.
 */
#ifndef MM_SLAB_DEBUG_H
#define MM_SLAB_DEBUG_H

#include <mm/slab.h>

/*
 * An object with debugging on. The red zones are RED_ACTIVE while it is allocated, RED_INACTIVE
 * while it is free; the right one begins with the first byte that was not asked for. The object
 * is POISON_INUSE when handed out; when free it is POISON_FREE, and its last byte POISON_END.
 *
 *  -8            0               asked      stride - 8 - sizeof(struct slab_track)   stride - 8
 *  +-------------+---------------+----------------------+----------------------------+
 *  | red zone    | object        | red zone (>= 8)      | struct slab_track          |
 *  +-------------+---------------+----------------------+----------------------------+
 */
#define SLUB_RED_INACTIVE 0xBB
#define SLUB_RED_ACTIVE 0xCC
#define POISON_INUSE 0x5A
#define POISON_FREE 0x6B
#define POISON_END 0xA5

#define SLAB_RED_ZONE 8 /* bytes to the left, and at least as many to the right */

struct slab_track {
    const void *allocated_by, *freed_by; /* return addresses; 0: never */
    size_t asked;                        /* bytes that are the user's */
};

enum slab_fault {
    SLAB_OVERRUN,        /* the red zone behind the object is damaged */
    SLAB_UNDERRUN,       /* the one before it */
    SLAB_USE_AFTER_FREE, /* the poison is damaged */
    SLAB_DOUBLE_FREE,
    SLAB_WRONG_CACHE, /* an object of another cache, or the pointer is no object's start */
    SLAB_LEAK,        /* in use when its cache is destroyed */
};

/* Switches all of this on. Before slab_init(): panics if there are caches. */
void slab_debug_enable(void);

/* Checks every object of every cache now, with interrupts off. Returns the faults it reported;
 * 0 when debugging is off. */
unsigned slab_debug_check_all(void);

/* All faults reported so far. */
unsigned slab_debug_reports(void);

/* ---- for slab.c and kmalloc.c ---- */

/* Read only: set by slab_debug_enable(). */
extern bool slab_debug;

/* slab_debug, or failalloc.h wants to see each allocation. */
extern bool slab_watched;

/* A fault that a call found by its arguments; `cache` is a null pointer for kfree(). Reports it,
 * or panics with the report's first line when debugging is off. */
void slab_fault(enum slab_fault fault, const struct kmem_cache *cache, const void *object,
                const void *caller);

/* slab_fault() for each object of the cache that is in use. */
void slab_report_leaks(struct kmem_cache *cache, const void *caller);

/* Bytes that an object needs beside its size; how many of them lie before it. */
static inline size_t slab_debug_room(void) {
    return slab_debug ? 2 * SLAB_RED_ZONE + sizeof(struct slab_track) : 0;
}

static inline size_t slab_debug_room_before(void) {
    return slab_debug ? SLAB_RED_ZONE : 0;
}

/* The next ones only when debugging is on. */

/* Prepares an object of a new slab, as a free one. */
void slab_debug_new_object(const struct kmem_cache *cache, void *object);

/* A free object becomes the user's, `asked` bytes of it; one in use is given back. Both check
 * it first. */
void slab_debug_allocated(const struct kmem_cache *cache, void *object, size_t asked,
                          const void *caller);
void slab_debug_freed(const struct kmem_cache *cache, void *object, const void *caller);

/* From now on, `asked` bytes of an object in use are the user's. Checks it first. */
void slab_debug_resize(const struct kmem_cache *cache, void *object, size_t asked,
                       const void *caller);
size_t slab_debug_asked(const struct kmem_cache *cache, const void *object);

/* Checks all objects of a slab. */
void slab_debug_check_slab(struct slab *slab, const void *caller);

#endif
