/*
 * kmalloc.h: memory of any size up to 4 MB, physically contiguous, in the direct map.
 *
 * To 2048 bytes it comes from slab caches, one for each of KMALLOC_SIZES, and a second set of them
 * for GFP_DMA. Above, it is a block of 2^n whole frames (OWNER_KMALLOC): slabs of so large objects
 * would waste more than they save. Blocks of frames have no red zones under slab_debug.
 */
#ifndef MM_KMALLOC_H
#define MM_KMALLOC_H

#include <mm/buddy.h>

#define KMALLOC_SIZES 8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048
#define KMALLOC_CACHE_MAX 2048                       /* above it, whole frames */
#define KMALLOC_MAX ((size_t)PAGE_SIZE << ORDER_MAX) /* 4 MB */

/* What kmalloc(0) answers, as in Linux: no failure, but every access faults. kfree() takes it. */
#define ZERO_SIZE_PTR ((void *)16)

/* Makes the caches. After slab_init(). */
void kmalloc_init(void);

/*
 * `size` bytes with unknown contents, or zeros with __GFP_ZERO. They are aligned to 8 bytes, to
 * `size` if that is a power of two, and to a page above KMALLOC_CACHE_MAX. A null pointer if there
 * is no memory, or `size` is above KMALLOC_MAX. Panics on __GFP_HIGHMEM: the answer must lie in the
 * direct map.
 */
void *kmalloc(size_t size, gfp_t gfp);
void *kzalloc(size_t size, gfp_t gfp);

/*
 * The same memory with room for `size` bytes, in place if it has it, else moved; gfp as at first.
 * If there is no memory: a null pointer, and the old memory is as it was. A null pointer as
 * `memory`: kmalloc(); size 0: kfree(), answers ZERO_SIZE_PTR. If all calls for this memory had
 * __GFP_ZERO, the bytes that are new are zeros.
 */
void *krealloc(void *memory, size_t size, gfp_t gfp);

/* Bytes that may be used: all that the allocation has, or what was asked for under slab_debug. */
size_t ksize(const void *memory);

/*
 * Gives memory of kmalloc() back; a null pointer and ZERO_SIZE_PTR are fine. A pointer that
 * kmalloc() has not answered, into the middle of an object or freed already is "slab: wrong cache"
 * or "slab: double free": a panic, or a report under slab_debug.
 */
void kfree(const void *memory);

#endif
