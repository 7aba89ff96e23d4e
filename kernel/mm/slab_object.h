/*
 * slab_object.h: an object out of a slab, and back into it. This is all that most calls of
 * kmem_cache_alloc(), kmalloc() and their counterparts do, so slab.c and kmalloc.c have it
 * compiled in; what is rare is a call. Interrupts are off in between. slab.h draws a slab.
 */
#ifndef MM_SLAB_OBJECT_H
#define MM_SLAB_OBJECT_H

#include <lib/irq.h>
#include <mm/slab.h>

#define SLAB_WORD_BITS 32
#define SLAB_INLINE static inline __attribute__((always_inline))

/* ---- slab.c: the rest of it, for the few calls that need more. Both are entered with interrupts
 * off, and leave them as `flags` says. ---- */

/* Finds a slab with a free object, or makes one, and takes the object. */
void *slab_take_rest(struct kmem_cache *cache, gfp_t gfp, uint32_t flags);

/* An object has become free: the slab may belong on another list, or be empty. Answers true, as
 * slab_put() does. */
bool slab_put_rest(struct slab *slab, unsigned index, const void *caller, uint32_t flags);

/* ---- what all calls do ---- */

/* A free object of the cache, or a null pointer. */
SLAB_INLINE void *slab_take(struct kmem_cache *cache, gfp_t gfp) {
    uint32_t flags = irq_save();
    struct slab *slab = cache->lists[SLAB_SOME_FREE];
    if (!slab || *slab->word == 0) return slab_take_rest(cache, gfp, flags);

    uint32_t bits = *slab->word;
    *slab->word = bits & (bits - 1); /* without its lowest 1 */
    slab->in_use++;
    cache->allocations++;
    void *object = slab->word_start + (unsigned)__builtin_ctz(bits) * cache->stride;
    irq_restore(flags); /* from here on a handler may move `word_start` */
    return object;
}

/* The number of the object that starts at `pointer`, which lies in the slab; one that is too large
 * if none does. It is offset / stride, computed as offset * (2^32 / stride) / 2^32: this is exact
 * for offsets below 2^16, and slabs end there. */
SLAB_INLINE unsigned slab_index(const struct slab *slab, const void *pointer) {
    uint32_t offset = (uint32_t)((const uint8_t *)pointer - slab->start);
    uint32_t index = (uint32_t)((uint64_t)offset * slab->cache->reciprocal >> 32);

    return index * slab->cache->stride == offset ? index : UINT32_MAX;
}

/* Frees an object of the slab. False, and nothing has happened, if it is no object in use. `caller`
 * is for reports of slab_debug. */
SLAB_INLINE bool slab_put(struct slab *slab, const void *object, const void *caller) {
    unsigned index = slab_index(slab, object);
    if (index >= slab->objects) return false;

    uint32_t flags = irq_save();
    uint32_t *word = &slab->map[index / SLAB_WORD_BITS], bit = 1u << index % SLAB_WORD_BITS;
    if (*word & bit) {
        irq_restore(flags);
        return false;
    }
    *word |= bit;
    if ((--slab->in_use == 0 && slab != slab->cache->empty) || index < slab->word_index)
        return slab_put_rest(slab, index, caller, flags);
    irq_restore(flags);
    return true;
}

#endif
