/*
 * test_slab.c: slab caches, plain and with slab_debug, on the real buddy allocator. Every test ends
 * with all caches destroyed and all frames back. Faults are made on purpose: so many, so many
 * reports.
 */
#include "cmocka_test.h"

#include "memory_test.h"
#include "slab_test.h"

#include <lib/irq.h>

#define MANY 1000 /* objects of a test, and faults */

static uint8_t *objects[MANY];

static int start_plain(void **state) {
    (void)state;
    machine_start(32 * MB, false);
    return 0;
}

static int start_debug(void **state) {
    (void)state;
    machine_start(32 * MB, true);
    return 0;
}

static int stop(void **state) {
    (void)state;
    machine_stop();
    return 0;
}

static void alloc_many(struct kmem_cache *cache, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
        assert_non_null(objects[i]);
    }
}

static void free_many(struct kmem_cache *cache, unsigned count) {
    for (unsigned i = 0; i < count; i++) kmem_cache_free(cache, objects[i]);
}

/* ---- what holds with and without slab_debug ---- */

static void objects_are_aligned_and_apart(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 7, 8, 9, 24, 100, 512, 1000, 2048, 4000, 4096};
    static const size_t aligns[] = {0, 4, 8, 32, 128, 4096};

    for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (unsigned a = 0; a < sizeof aligns / sizeof *aligns; a++) {
            struct kmem_cache *cache = kmem_cache_create("apart", sizes[s], aligns[a], 0);
            alloc_many(cache, 100);
            for (unsigned i = 0; i < 100; i++) {
                uint64_t phys = virt_to_phys(objects[i]).value;
                assert_int_equal(phys % (aligns[a] < 8 ? 8 : aligns[a]), 0);
                memset(objects[i], (int)i, sizes[s]);
            }
            for (unsigned i = 0; i < 100; i++)
                for (size_t byte = 0; byte < sizes[s]; byte++)
                    assert_int_equal(objects[i][byte], i);
            free_many(cache, 100);
            kmem_cache_destroy(cache);
        }
}

/* ---- a handler, as soon as interrupts are on ---- */

#define HANDLERS 70 /* objects: two words of a map, so that allocation goes on in the next one */

static struct kmem_cache *disturbed;
static uint8_t *of_handler[HANDLERS];

static void allocate_in_handler(void) {
    host_interrupt = NULL;
    for (unsigned i = 0; i < HANDLERS; i++)
        assert_non_null(of_handler[i] = kmem_cache_alloc(disturbed, GFP_ATOMIC));
}

static void a_handler_gets_other_objects(void **state) {
    (void)state;
    disturbed = kmem_cache_create("disturbed", 40, 0, 0);
    alloc_many(disturbed, 1);
    host_interrupt = allocate_in_handler;
    uint8_t *object = kmem_cache_alloc(disturbed, GFP_KERNEL);
    assert_null(host_interrupt);
    for (unsigned i = 0; i < HANDLERS; i++) {
        assert_ptr_not_equal(object, of_handler[i]);
        kmem_cache_free(disturbed, of_handler[i]);
    }
    kmem_cache_free(disturbed, object);
    free_many(disturbed, 1);
    kmem_cache_destroy(disturbed);
}

static unsigned constructed;

static void construct(void *object) {
    constructed++;
    memset(object, 0xC7, 40);
}

static void constructor_runs_once_for_each_object_of_a_slab(void **state) {
    (void)state;
    struct kmem_cache *cache = kmem_cache_create("constructed", 40, 0, construct);
    constructed = 0;

    for (unsigned round = 0; round < 3; round++) {
        alloc_many(cache, cache->usual.objects); /* one whole slab */
        for (unsigned i = 0; i < cache->usual.objects; i++)
            for (unsigned byte = 0; byte < 40; byte++) assert_int_equal(objects[i][byte], 0xC7);
        free_many(cache, cache->usual.objects); /* which is kept */
        assert_int_equal(constructed, cache->usual.objects);
    }
    alloc_many(cache, cache->usual.objects + 1);
    assert_int_equal(constructed, 2 * cache->usual.objects);
    assert_int_equal(cache->slabs, 2);
    free_many(cache, cache->usual.objects + 1);
}

static void zeros_where_asked_for(void **state) {
    (void)state;
    struct kmem_cache *cache = kmem_cache_create("zero", 200, 0, 0);
    alloc_many(cache, 50);
    for (unsigned i = 0; i < 50; i++) memset(objects[i], 0xFF, 200);
    free_many(cache, 50);
    uint8_t *object = kmem_cache_alloc(cache, GFP_KERNEL | __GFP_ZERO);
    for (unsigned byte = 0; byte < 200; byte++) assert_int_equal(object[byte], 0);
    kmem_cache_free(cache, object);
}

static void no_memory_is_a_null_pointer_and_no_leak(void **state) {
    (void)state;
    struct kmem_cache *cache = kmem_cache_create("hungry", 100, 0, 0);
    alloc_many(cache, cache->usual.objects);
    take_all_memory();
    unsigned slabs = cache->slabs, in_use = kmem_cache_in_use(cache);

    for (unsigned i = 0; i < 10; i++) assert_null(kmem_cache_alloc(cache, GFP_KERNEL));
    assert_int_equal(cache->slabs, slabs);
    assert_int_equal(kmem_cache_in_use(cache), in_use);
    void *urgent = kmem_cache_alloc(cache, GFP_ATOMIC); /* from the reserve */
    assert_non_null(urgent);
    kmem_cache_free(cache, urgent);

    struct kmem_cache *created[1000];
    unsigned count = 0;
    while ((created[count] = kmem_cache_create("one more", 8, 0, 0))) count++;
    give_all_memory();
    while (count) kmem_cache_destroy(created[--count]);
    free_many(cache, in_use);
}

static void statistics_add_up(void **state) {
    (void)state;
    struct kmem_cache *cache = kmem_cache_create("counted", 100, 0, 0);
    unsigned free_pages_before = pages_of(OWNER_FREE);

    alloc_many(cache, MANY);
    unsigned slabs = (MANY + cache->usual.objects - 1) / cache->usual.objects;
    assert_int_equal(kmem_cache_in_use(cache), MANY);
    assert_int_equal(cache->allocations, MANY);
    assert_int_equal(cache->slabs, slabs);
    assert_int_equal(free_pages_before - pages_of(OWNER_FREE), slabs << cache->usual.order);

    free_many(cache, MANY);
    assert_int_equal(kmem_cache_in_use(cache), 0);
    assert_int_equal(cache->allocations, MANY);
    assert_int_equal(cache->slabs, 1); /* one empty slab is kept */
    assert_int_equal(slab_reclaim(), 1u << cache->usual.order);
    assert_int_equal(cache->slabs, 0);
    assert_int_equal(slab_reclaim(), 0);
    assert_string_equal(kmem_cache_first()->name, "counted");
    assert_string_equal(kmem_cache_first()->next->name, "kmem_cache");
    assert_int_equal(kmem_cache_in_use(kmem_cache_first()->next), 1);
}

static void arguments_out_of_range_panic(void **state) {
    (void)state;
    PANICS("wrong: objects of 0 bytes", kmem_cache_create("wrong", 0, 0, 0));
    PANICS("wrong: objects of 4097 bytes", kmem_cache_create("wrong", 4097, 0, 0));
    PANICS("wrong: alignment 24", kmem_cache_create("wrong", 8, 24, 0));
    PANICS("wrong: alignment 8192", kmem_cache_create("wrong", 8, 8192, 0));
    struct kmem_cache *cache = kmem_cache_create("a very long name for a cache", 40, 0, construct);
    assert_string_equal(cache->name, "a very long name for a ");
    PANICS("__GFP_ZERO, and it has a constructor", kmem_cache_alloc(cache, __GFP_ZERO));
    PANICS("__GFP_HIGHMEM", kmem_cache_alloc(cache, __GFP_HIGHMEM));
    PANICS("__GFP_DMA", kmem_cache_alloc(cache, __GFP_DMA));
    kmem_cache_destroy(cache);
    kmem_cache_destroy(0);
    PANICS("is no cache", kmem_cache_destroy(cache));
    PANICS("there are caches already", slab_debug_enable());
}

/* Caches of all kinds, each object filled with a pattern of its own, against a table. */
static void random_operations(void) {
    static const size_t sizes[] = {1, 8, 40, 64, 333, 1500};
    enum { CACHES = sizeof sizes / sizeof *sizes, SLOTS = 2000 };
    static struct {
        uint8_t *object, fill;
        unsigned cache;
    } slots[SLOTS];
    struct kmem_cache *caches[CACHES];
    unsigned in_use[CACHES] = {0};

    for (unsigned i = 0; i < CACHES; i++)
        caches[i] = kmem_cache_create("random", sizes[i], 8u << i, sizes[i] == 40 ? construct : 0);
    for (unsigned step = 0; step < 200000; step++) {
        unsigned i = random_below(SLOTS);
        if (slots[i].object) {
            size_t size = sizes[slots[i].cache];
            for (size_t byte = 0; byte < size; byte++)
                if (slots[i].object[byte] != slots[i].fill) fail_msg("overwritten");
            if (size == 40) memset(slots[i].object, 0xC7, size);
            kmem_cache_free(caches[slots[i].cache], slots[i].object);
            slots[i].object = 0;
            in_use[slots[i].cache]--;
        } else {
            slots[i].cache = random_below(CACHES);
            slots[i].fill = (uint8_t)random_below(256);
            slots[i].object = kmem_cache_alloc(caches[slots[i].cache], GFP_KERNEL);
            memset(slots[i].object, slots[i].fill, sizes[slots[i].cache]);
            in_use[slots[i].cache]++;
        }
        if (step % 20000 == 0) slab_debug_check_all();
    }
    for (unsigned i = 0; i < SLOTS; i++)
        if (slots[i].object) {
            kmem_cache_free(caches[slots[i].cache], slots[i].object);
            slots[i].object = 0;
            in_use[slots[i].cache]--;
        }
    for (unsigned i = 0; i < CACHES; i++) {
        assert_int_equal(in_use[i] + kmem_cache_in_use(caches[i]), 0);
        assert_int_equal(caches[i]->slabs, 1);
    }
    assert_string_equal(printed, "");
}

static void random_operations_agree_with_a_model(void **state) {
    (void)state;
    random_operations();
}

/* Slabs of two sizes in one cache. The usual ones are made first, and again when neighbours are
 * free; in between there are only single frames. */
static void memory_in_pieces(void **state) {
    (void)state;
    static const size_t sizes[] = {8, 500, 1024, 1100, 1500, 2000};
    for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct kmem_cache *cache = kmem_cache_create("pieces", sizes[s], 0, 0);
        alloc_many(cache, 20);
        unsigned slabs = cache->slabs;
        cut_memory_to_pieces();
        for (unsigned i = 20; i < MANY; i++) {
            objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
            assert_non_null(objects[i]);
            memset(objects[i], (int)i, sizes[s]);
        }
        assert_true(cache->slabs > slabs);
        assert_true(slab_of(objects[MANY - 1])->objects == cache->smallest.objects);
        give_all_memory();
        for (unsigned i = 20; i < MANY; i++)
            for (size_t byte = 0; byte < sizes[s]; byte++)
                assert_int_equal(objects[i][byte], i % 256);
        for (unsigned i = 0; i < MANY; i += 2) kmem_cache_free(cache, objects[i]);
        for (unsigned i = 0; i < MANY; i += 2) objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
        free_many(cache, MANY);
        assert_int_equal(kmem_cache_in_use(cache), 0);
        assert_int_equal(cache->slabs, 1);
        kmem_cache_destroy(cache);
    }
    cut_memory_to_pieces();
    random_operations();
    give_all_memory();
}

/* A slab of one frame is nobody's loss: each cache has one for as long as memory lasts. */
static void a_frame_is_enough(void **state) {
    (void)state;
    cut_memory_to_pieces();
    for (size_t size = 1; size <= PAGE_SIZE - sizeof(struct slab) - 2 * SLAB_ALIGN_MIN; size++) {
        struct kmem_cache *cache = kmem_cache_create("any", size, 0, 0);
        void *object = kmem_cache_alloc(cache, GFP_KERNEL);
        if (!object) fail_msg("no object of %zu bytes", size);
        assert_int_equal(slab_of(object)->objects, cache->smallest.objects);
        kmem_cache_free(cache, object);
        kmem_cache_destroy(cache);
    }
    give_all_memory();
}

/* One who may wait gets the slabs that nobody uses; one who may not, does not. */
static void empty_slabs_are_given_up(void **state) {
    (void)state;
    struct kmem_cache *idle = kmem_cache_create("idle", 64, 0, 0), *busy;
    busy = kmem_cache_create("busy", 3000, 0, 0);
    kmem_cache_free(idle, kmem_cache_alloc(idle, GFP_KERNEL));
    void *object = kmem_cache_alloc(idle, GFP_KERNEL);
    kmem_cache_free(idle, object);
    struct page *page;
    while ((page = alloc_pages(GFP_NOWAIT, 0, OWNER_OTHER))) hoard[hoarded++] = page;
    assert_int_equal(idle->slabs, 1);
    assert_null(kmem_cache_alloc(busy, GFP_NOWAIT));
    assert_int_equal(idle->slabs, 1);
    void *waited = kmem_cache_alloc(busy, GFP_KERNEL);
    assert_non_null(waited);
    assert_int_equal(idle->slabs, 0);
    assert_null(kmem_cache_alloc(idle, GFP_KERNEL));
    kmem_cache_free(busy, waited);
    object = kmem_cache_alloc(idle, GFP_KERNEL); /* what was in use by the other one is free now */
    assert_non_null(object);
    kmem_cache_free(idle, object);
    give_all_memory();
}

static void slabs_of_all_sizes_fit_and_lose_little(void **state) {
    (void)state;
    for (size_t size = 1; size <= SLAB_OBJECT_MAX; size++) {
        struct kmem_cache *cache = kmem_cache_create("any", size, 0, 0);
        size_t bytes = (size_t)PAGE_SIZE << cache->usual.order,
               before = slab_debug ? SLAB_RED_ZONE : 0;
        size_t end = cache->usual.first - before + cache->usual.objects * cache->stride;
        size_t lost = bytes - cache->usual.objects * cache->stride;

        if (cache->usual.first - before < sizeof(struct slab) + (cache->usual.objects + 7) / 8 ||
            end > bytes)
            fail_msg("size %zu: objects from %zu to %zu", size, cache->usual.first - before, end);
        assert_true(cache->usual.objects <= 512);
        /* a header can cost one of 8 objects, but no small one */
        if (lost > bytes / (cache->stride <= 2048 ? 16 : 7))
            fail_msg("size %zu: %zu bytes of %zu lost", size, lost, bytes);
        kmem_cache_destroy(cache);
    }
}

static void frames_forget_their_slab(void **state) {
    (void)state;
    struct kmem_cache *cache = kmem_cache_create("forgotten", 2048, 2048, 0);
    uint8_t *object = kmem_cache_alloc(cache, GFP_KERNEL);
    struct slab *slab = slab_of(object);
    assert_true(cache->usual.order > 0);
    for (size_t at = 0; at < (size_t)PAGE_SIZE << cache->usual.order; at += 1024)
        assert_ptr_equal(slab_of((uint8_t *)slab + at), slab);
    kmem_cache_free(cache, object);
    slab_reclaim();
    for (size_t at = 0; at < (size_t)PAGE_SIZE << cache->usual.order; at += 1024)
        assert_null(slab_of((uint8_t *)slab + at));
}

/* ---- without slab_debug ---- */

static void faults_of_callers_panic(void **state) {
    (void)state;
    struct kmem_cache *cache = kmem_cache_create("one", 64, 0, 0);
    struct kmem_cache *other = kmem_cache_create("two", 64, 0, 0);
    uint8_t *object = kmem_cache_alloc(cache, GFP_KERNEL);
    uint8_t on_the_stack[8];

    PANICS("slab: wrong cache: cache two", kmem_cache_free(other, object));
    PANICS("slab: wrong cache: cache one", kmem_cache_free(cache, object + 8));
    PANICS("slab: wrong cache: cache one", kmem_cache_free(cache, 0));
    PANICS("slab: wrong cache: cache one", kmem_cache_free(cache, on_the_stack));
    PANICS("slab: wrong cache: cache one", kmem_cache_free(cache, slab_of(object)));
    kmem_cache_free(cache, object);
    PANICS("slab: double free: cache one", kmem_cache_free(cache, object));

    assert_ptr_equal(kmem_cache_alloc(cache, GFP_KERNEL), object);
    struct kmem_cache *leaking = kmem_cache_create("three", 64, 0, 0);
    void *leaked = kmem_cache_alloc(leaking, GFP_KERNEL);
    PANICS("slab: leak: cache three", kmem_cache_destroy(leaking));
    leaking->next = kmem_cache_first()->next; /* as it was, for the end of the test */
    kmem_cache_first()->next = leaking;
    kmem_cache_free(leaking, leaked);
    kmem_cache_free(cache, object);
    assert_int_equal(slab_debug_check_all(), 0);
}

/* ---- with slab_debug: each fault is one report of the right kind ---- */

static void overrun_by_one_byte(void **state) {
    (void)state;
    struct kmem_cache *cache = kmem_cache_create("over", 61, 0, 0);
    alloc_many(cache, MANY);
    for (unsigned i = 0; i < MANY; i++)
        objects[i][61] = (uint8_t)i == SLUB_RED_ACTIVE ? 0 : (uint8_t)i;
    free_many(cache, MANY / 2); /* half of them are found now, half by the check */
    assert_int_equal(slab_debug_check_all(), MANY / 2);
    reported(MANY, "overrun", "over");
    for (unsigned i = MANY / 2; i < MANY; i++) kmem_cache_free(cache, objects[i]);
    reported(0, "overrun", "over");
}

/* What is damaged includes the record of how many bytes were asked for: no access may believe it.
 */
static void overrun_into_the_track(void **state) {
    (void)state;
    struct kmem_cache *cache = kmem_cache_create("far", 64, 0, 0);
    for (unsigned i = 0; i < 10; i++) {
        uint8_t *object = kmem_cache_alloc(cache, GFP_KERNEL);
        memset(object + 64, 0xEE, cache->stride - SLAB_RED_ZONE - 64);
        if (i % 2) assert_int_equal(slab_debug_check_all(), 1);
        kmem_cache_free(cache, object);
    }
    reported(10, "overrun", "far");
}

static void underrun(void **state) {
    (void)state;
    struct kmem_cache *cache = kmem_cache_create("under", 64, 64, 0);
    alloc_many(cache, MANY);
    for (unsigned i = 0; i < MANY; i++) objects[i][-1 - (int)(i % 8)] = 0x41;
    free_many(cache, MANY / 2);
    assert_int_equal(slab_debug_check_all(), MANY / 2);
    reported(MANY, "underrun", "under");
    for (unsigned i = MANY / 2; i < MANY; i++) kmem_cache_free(cache, objects[i]);
}

static void use_after_free(void **state) {
    (void)state;
    struct kmem_cache *cache = kmem_cache_create("after", 200, 0, 0);
    unsigned count = cache->usual.objects; /* one slab, which is kept */

    for (unsigned how = 0; how < 3; how++) {
        alloc_many(cache, count);
        free_many(cache, count);
        for (unsigned i = 0; i < count; i++) objects[i][(i * 67) % 200] ^= 0x10;
        if (how == 0) slab_debug_check_all();
        if (how == 1) alloc_many(cache, count), free_many(cache, count);
        if (how == 2) slab_reclaim();
        reported(count, "use after free", "after");
    }
    uint8_t *object = kmem_cache_alloc(cache, GFP_KERNEL); /* the last byte is A5, and counts */
    kmem_cache_free(cache, object);
    assert_int_equal(object[0], POISON_FREE);
    assert_int_equal(object[199], POISON_END);
    object[199] = POISON_FREE;
    assert_int_equal(slab_debug_check_all(), 1);
    reported(1, "use after free", "after");
}

static void write_behind_a_freed_object(void **state) {
    (void)state;
    struct kmem_cache *cache = kmem_cache_create("behind", 64, 0, construct);
    uint8_t *object = kmem_cache_alloc(cache, GFP_KERNEL);
    kmem_cache_free(cache, object);
    object[64] = 0;
    object[-8] = 0;
    assert_int_equal(slab_debug_check_all(), 2);
    assert_int_equal(lines_with("slab: overrun: cache behind"), 1);
    assert_int_equal(lines_with("slab: underrun: cache behind"), 1);
    assert_int_equal(slab_debug_check_all(), 0);
    forget_reports();
}

static void double_free(void **state) {
    (void)state;
    struct kmem_cache *cache = kmem_cache_create("twice", 64, 0, 0);
    uint8_t *keep = kmem_cache_alloc(cache, GFP_KERNEL);
    uint8_t *object = kmem_cache_alloc(cache, GFP_KERNEL);
    kmem_cache_free(cache, object);
    for (unsigned i = 0; i < MANY / 10; i++) kmem_cache_free(cache, object);
    reported(MANY / 10, "double free", "twice");
    assert_int_equal(kmem_cache_in_use(cache), 1);
    kmem_cache_free(cache, keep);
}

static void wrong_cache(void **state) {
    (void)state;
    struct kmem_cache *cache = kmem_cache_create("right", 64, 0, 0);
    struct kmem_cache *other = kmem_cache_create("wrong", 64, 0, 0);
    uint8_t *object = kmem_cache_alloc(cache, GFP_KERNEL);
    kmem_cache_free(other, object);
    assert_non_null(strstr(printed, "it is an object of cache right"));
    kmem_cache_free(other, object + 1);
    assert_non_null(strstr(printed, "no object begins there"));
    kmem_cache_free(other, printed);
    kmem_cache_free(other, 0);
    reported(4, "wrong cache", "wrong");
    assert_int_equal(kmem_cache_in_use(cache), 1);
    kmem_cache_free(cache, object);
}

static void leaks(void **state) {
    (void)state;
    struct kmem_cache *cache = kmem_cache_create("leaky", 64, 0, 0);
    alloc_many(cache, MANY / 4);
    for (unsigned i = 0; i < 17; i++) kmem_cache_free(cache, objects[3 * i]);
    kmem_cache_destroy(cache);
    reported(MANY / 4 - 17, "leak", "leaky");
}

static void contents_tell_the_state(void **state) {
    (void)state;
    struct kmem_cache *cache = kmem_cache_create("state", 32, 0, 0);
    uint8_t *object = kmem_cache_alloc(cache, GFP_KERNEL);
    for (int i = 0; i < 32; i++) assert_int_equal(object[i], POISON_INUSE);
    for (int i = -8; i < 0; i++) assert_int_equal(object[i], SLUB_RED_ACTIVE);
    for (int i = 32; i < 40; i++) assert_int_equal(object[i], SLUB_RED_ACTIVE);
    kmem_cache_free(cache, object);
    for (int i = 0; i < 31; i++) assert_int_equal(object[i], POISON_FREE);
    assert_int_equal(object[31], POISON_END);
    for (int i = 32; i < 40; i++) assert_int_equal(object[i], SLUB_RED_INACTIVE);
}

static void a_report_names_both_callers(void **state) {
    (void)state;
    struct kmem_cache *cache = kmem_cache_create("named", 32, 0, 0);
    uint8_t *object = kmem_cache_alloc(cache, GFP_KERNEL);
    char wanted[400];
    struct slab_track *track = (struct slab_track *)(object + cache->stride - SLAB_RED_ZONE) - 1;

    object[32] = 0x41;
    kmem_cache_free(cache, object);
    (snprintf)(wanted, sizeof wanted,
               "slab: overrun: cache named, object %p\n"
               "  allocated by %08x symbol+0x1\n"
               "  freed by     nobody\n"
               "  found by     %08x symbol+0x1\n"
               "  byte 32 of the object is 41 instead of cc\n",
               (void *)object, (uint32_t)(uintptr_t)track->allocated_by - 1,
               (uint32_t)(uintptr_t)track->freed_by - 1);
    assert_string_equal(printed, wanted);
    reported(1, "overrun", "named");
}

#define TEST(name, start) cmocka_unit_test_setup_teardown(name, start, stop)
#define BOTH(name)                                   \
    TEST(name, start_plain), {                       \
#name " (debug)", name, start_debug, stop, 0 \
    }

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(objects_are_aligned_and_apart),
        BOTH(a_handler_gets_other_objects),
        BOTH(constructor_runs_once_for_each_object_of_a_slab),
        BOTH(zeros_where_asked_for),
        BOTH(no_memory_is_a_null_pointer_and_no_leak),
        BOTH(statistics_add_up),
        BOTH(arguments_out_of_range_panic),
        BOTH(random_operations_agree_with_a_model),
        BOTH(slabs_of_all_sizes_fit_and_lose_little),
        TEST(memory_in_pieces, start_plain),
        TEST(a_frame_is_enough, start_plain),
        TEST(empty_slabs_are_given_up, start_plain),
        BOTH(frames_forget_their_slab),
        TEST(faults_of_callers_panic, start_plain),
        TEST(overrun_by_one_byte, start_debug),
        TEST(overrun_into_the_track, start_debug),
        TEST(underrun, start_debug),
        TEST(use_after_free, start_debug),
        TEST(write_behind_a_freed_object, start_debug),
        TEST(double_free, start_debug),
        TEST(wrong_cache, start_debug),
        TEST(leaks, start_debug),
        TEST(contents_tell_the_state, start_debug),
        TEST(a_report_names_both_callers, start_debug),
    };
    return cmocka_run_group_tests_name("slab", tests, 0, 0);
}
