/*
 * kmalloc.c: small memory from slab caches, large from the buddy allocator. Which of them some
 * memory came from is asked of its page descriptor.
 */
#include <cpu/panic.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <mm/slab.h>
#include <mm/slab_debug.h>
#include <mm/slab_object.h>

static const size_t sizes[] = {KMALLOC_SIZES};

/* The cache for each size in steps of 8 bytes, as all of KMALLOC_SIZES are multiples of 8. */
#define STEP 8
#define STEPS (KMALLOC_CACHE_MAX / STEP + 1)
static struct kmem_cache *normal_caches[STEPS], *dma_caches[STEPS];

/* For 1 ... KMALLOC_CACHE_MAX bytes. */
static struct kmem_cache *cache_for(struct kmem_cache *const caches[STEPS], size_t size) {
    return caches[(size + STEP - 1) / STEP];
}

static void *allocate(size_t size, gfp_t gfp, const void *caller);
static void *allocate_frames(size_t size, gfp_t gfp);
static void free_memory(const void *memory, const void *caller);
static bool is_free(const void *memory);
static size_t room_of(const void *memory, const void *caller);
static void resize_in_place(void *memory, size_t size, size_t room, gfp_t gfp, const void *caller);

static void make_caches(struct kmem_cache *caches[STEPS], const char *prefix, gfp_t zone) {
    for (unsigned i = 0, step = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        size_t size = sizes[i];
        bool power_of_two = (size & (size - 1)) == 0;
        char name[SLAB_NAME_SIZE];

        snprintf(name, sizeof(name), "%s-%zu", prefix, size);
        struct kmem_cache *cache =
            kmem_cache_create(name, size, power_of_two ? size : SLAB_ALIGN_MIN, 0);
        if (!cache) panic("kmalloc_init: no memory for %s", name);
        cache->zone = zone;
        cache->general = true;
        for (; step * STEP <= size; step++) caches[step] = cache;
    }
}

void kmalloc_init(void) {
    make_caches(normal_caches, "kmalloc", 0);
    make_caches(dma_caches, "dma-kmalloc", __GFP_DMA);
}

void *kmalloc(size_t size, gfp_t gfp) {
    bool small = size - 1 < KMALLOC_CACHE_MAX; /* 0 is not */

    if (!small || slab_watched || gfp & (__GFP_HIGHMEM | __GFP_DMA | __GFP_ZERO))
        return allocate(size, gfp, __builtin_return_address(0));
    return slab_take(cache_for(normal_caches, size), gfp);
}

void *kzalloc(size_t size, gfp_t gfp) {
    return allocate(size, gfp | __GFP_ZERO, __builtin_return_address(0));
}

static void *allocate(size_t size, gfp_t gfp, const void *caller) {
    if (gfp & __GFP_HIGHMEM) panic("kmalloc: __GFP_HIGHMEM: its memory is in the direct map");
    if (size == 0) return ZERO_SIZE_PTR;
    if (size > KMALLOC_CACHE_MAX) return allocate_frames(size, gfp);

    struct kmem_cache *cache = cache_for(gfp & __GFP_DMA ? dma_caches : normal_caches, size);
    return slab_alloc(cache, gfp, size, caller);
}

static void *allocate_frames(size_t size, gfp_t gfp) {
    unsigned order = 0;

    if (size > KMALLOC_MAX) return 0;
    while ((size_t)PAGE_SIZE << order < size) order++;
    return __get_free_pages(gfp, order, OWNER_KMALLOC);
}

/* The block that starts at `memory` and came from allocate_frames(), or a null pointer. */
static struct page *block_of(const void *memory) {
    struct page *page = page_of(memory);

    if (!page || (uintptr_t)memory % PAGE_SIZE || !(page->flags & PG_HEAD)) return 0;
    return page_owner(page) == OWNER_KMALLOC ? page : 0;
}

void kfree(const void *memory) {
    struct slab *slab = slab_of(memory);

    if (slab_debug || !slab || !slab->cache->general || !slab_put(slab, memory, 0))
        free_memory(memory, __builtin_return_address(0));
}

static void free_memory(const void *memory, const void *caller) {
    if (!memory || memory == ZERO_SIZE_PTR) return;

    struct slab *slab = slab_of(memory);
    if (slab && slab->cache->general) {
        slab_free(slab->cache, (void *)memory, caller);
        return;
    }
    struct page *block = block_of(memory);
    if (block)
        free_pages(block, page_order(block));
    else
        slab_fault(is_free(memory) ? SLAB_DOUBLE_FREE : SLAB_WRONG_CACHE, 0, memory, caller);
}

/* Does a free block hold this byte? */
static bool is_free(const void *memory) {
    struct page *page = page_of(memory);
    const struct page *head = page ? page_head(page) : 0;
    return head && (head->flags & PG_BUDDY);
}

size_t ksize(const void *memory) {
    size_t room = room_of(memory, __builtin_return_address(0));
    const struct slab *slab = room ? slab_of(memory) : 0;

    return slab_debug && slab ? slab_debug_asked(slab->cache, memory) : room;
}

/* Bytes from `memory` to the end of its object or block. 0 after a report if it is neither. */
static size_t room_of(const void *memory, const void *caller) {
    if (!memory || memory == ZERO_SIZE_PTR) return 0;

    const struct slab *slab = slab_of(memory);
    const struct page *block = block_of(memory);
    if (block) return (size_t)PAGE_SIZE << page_order(block);
    if (slab && slab->cache->general && slab_has_object(slab, memory)) {
        if (slab_object_in_use(slab, memory)) return slab->cache->size;
        slab_fault(SLAB_USE_AFTER_FREE, slab->cache, memory, caller);
    } else {
        slab_fault(SLAB_WRONG_CACHE, 0, memory, caller);
    }
    return 0;
}

void *krealloc(void *memory, size_t size, gfp_t gfp) {
    const void *caller = __builtin_return_address(0);
    if (!memory || memory == ZERO_SIZE_PTR) return allocate(size, gfp, caller);
    if (size == 0) {
        free_memory(memory, caller);
        return ZERO_SIZE_PTR;
    }

    size_t room = room_of(memory, caller);
    if (!room) return 0;
    if (size <= room) {
        resize_in_place(memory, size, room, gfp, caller);
        return memory;
    }
    void *moved = allocate(size, gfp, caller);
    if (!moved) return 0;
    memcpy(moved, memory, ksize(memory));
    free_memory(memory, caller);
    return moved;
}

static void resize_in_place(void *memory, size_t size, size_t room, gfp_t gfp, const void *caller) {
    const struct slab *slab = slab_of(memory);

    if (slab_debug && slab) {
        size_t before = slab_debug_asked(slab->cache, memory);
        slab_debug_resize(slab->cache, memory, size, caller);
        if ((gfp & __GFP_ZERO) && size > before)
            memset((uint8_t *)memory + before, 0, size - before);
    } else if (gfp & __GFP_ZERO) {
        /* Nobody knows what was asked for before: keep all that is not in use zero. */
        memset((uint8_t *)memory + size, 0, room - size);
    }
}
