/*
 * test_slab.c: caches of objects of one size, on this machine's memory.
 */
#include <mm/slab.h>
#include <mm/slab_debug.h>
#include <selftest/accounting.h>
#include <selftest/random.h>
#include <selftest/test.h>

#define OBJECTS 100

static uint8_t *objects[OBJECTS];

/* Fills objects[], as far as there is memory. Answers how many there are. */
static unsigned alloc_objects(struct kmem_cache *cache) {
    for (unsigned i = 0; i < OBJECTS; i++) {
        objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
        if (!HAVE(objects[i])) return i;
    }
    return OBJECTS;
}

/* Objects of this size and alignment do not touch each other: each is filled with its number. */
static void try_size(size_t size, size_t align) {
    struct kmem_cache *cache = kmem_cache_create("test", size, align, NULL);
    uint32_t wrong = 0;

    if (!HAVE(cache)) return;
    unsigned count = alloc_objects(cache);
    for (unsigned i = 0; i < count; i++) {
        wrong += (uintptr_t)objects[i] % (align ? align : SLAB_ALIGN_MIN) != 0;
        for (size_t byte = 0; byte < size; byte++) objects[i][byte] = (uint8_t)i;
    }
    CHECK_EQUAL(kmem_cache_in_use(cache), OBJECTS);
    CHECK_EQUAL(cache->slabs, (OBJECTS + cache->usual.objects - 1) / cache->usual.objects);
    for (unsigned i = 0; i < count; i++) {
        for (size_t byte = 0; byte < size; byte++) wrong += objects[i][byte] != (uint8_t)i;
        kmem_cache_free(cache, objects[i]);
    }
    CHECK_EQUAL(wrong, 0);
    CHECK_EQUAL(kmem_cache_in_use(cache), 0);
    CHECK_EQUAL(cache->slabs, 1); /* one empty slab is kept */
    kmem_cache_destroy(cache);
}

static void sizes(void) {
    static const size_t sizes[] = {1, 8, 13, 24, 100, 500, 1000, 2048, SLAB_OBJECT_MAX};

    accounting_start();
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        try_size(sizes[i], 0);
        try_size(sizes[i], 64);
    }
    accounting_check();
}

static unsigned constructed;

static void construct(void *object) {
    constructed++;
    *(uint32_t *)object = 0xC0057;
}

/* Once for each object of a slab, however often that is handed out. */
static void constructor(void) {
    accounting_start();
    constructed = 0;
    struct kmem_cache *cache = kmem_cache_create("test", 60, 0, construct);
    if (!HAVE(cache)) return;
    CHECK_EQUAL(constructed, 0);
    for (unsigned round = 0; round < 3; round++) {
        unsigned count = alloc_objects(cache);
        for (unsigned i = 0; i < count; i++) CHECK_EQUAL(*(uint32_t *)objects[i], 0xC0057);
        if (round == 0) CHECK_EQUAL(constructed, cache->slabs * cache->usual.objects);
        if (round == 0) constructed = 0;
        while (count) kmem_cache_free(cache, objects[--count]);
    }
    CHECK(constructed <=
          2 * (OBJECTS / cache->usual.objects) * cache->usual.objects); /* but for one slab */
    kmem_cache_destroy(cache);
    accounting_check();
}

/* All the memory that the kernel can have, in objects that are linked through themselves. */
static uint32_t **take_all(struct kmem_cache *cache, gfp_t gfp, uint32_t **list) {
    for (uint32_t **object; (object = kmem_cache_alloc(cache, gfp));) {
        object[0] = (uint32_t *)list;
        object[1] = (uint32_t *)object;
        list = object;
    }
    return list;
}

/* Frees about one in two, or all. Answers the others, in reverse order. */
static uint32_t **free_some(struct kmem_cache *cache, uint32_t **list, bool all) {
    uint32_t **kept = NULL;
    uint32_t wrong = 0;

    while (list) {
        uint32_t **object = list;
        list = (uint32_t **)object[0];
        wrong += object[1] != (uint32_t *)object;
        if (all || test_random() % 2) {
            kmem_cache_free(cache, object);
        } else {
            object[0] = (uint32_t *)kept;
            kept = object;
        }
    }
    CHECK_EQUAL(wrong, 0);
    return kept;
}

/* Objects of all slabs, in use or free. When memory runs out, the last slabs are small ones. */
static uint32_t room(const struct kmem_cache *cache) {
    uint32_t objects = 0;
    for (unsigned list = 0; list < SLAB_LISTS; list++)
        for (const struct slab *slab = cache->lists[list]; slab; slab = slab->next)
            objects += slab->objects;
    return objects;
}

static void exhaustion(void) {
    accounting_start();
    struct kmem_cache *cache = kmem_cache_create("test", 1024, 0, NULL);
    if (!HAVE(cache)) return;
    uint32_t **list = take_all(cache, GFP_KERNEL, NULL);
    uint32_t in_use = kmem_cache_in_use(cache);
    CHECK(in_use > 0);
    CHECK_EQUAL(in_use, room(cache));

    list = take_all(cache, GFP_ATOMIC, list); /* what is kept for those who cannot wait */
    CHECK(kmem_cache_in_use(cache) > in_use);
    for (unsigned round = 0; round < 2; round++)
        list = take_all(cache, GFP_KERNEL, free_some(cache, list, false));
    CHECK(free_some(cache, list, true) == NULL);

    CHECK_EQUAL(kmem_cache_in_use(cache), 0);
    CHECK_EQUAL(cache->slabs, 1);
    CHECK(slab_reclaim() >= 1u << cache->smallest.order);
    CHECK_EQUAL(cache->slabs, 0);
    CHECK_EQUAL(slab_reclaim(), 0);
    kmem_cache_destroy(cache);
    accounting_check();
}

static const struct test_case cases[] = {
    {"sizes", sizes},
    {"constructor", constructor},
    {"exhaustion", exhaustion},
};

const struct test_suite suite_slab = TEST_SUITE("slab", cases);
