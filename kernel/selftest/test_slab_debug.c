/*
 * test_slab_debug.c: with `slab_debug` on the command line, each fault is reported, once, and
 * nothing else is. The number of each kind is printed, for who counts the reports on COM1.
 */
#include <lib/printk.h>
#include <mm/kmalloc.h>
#include <mm/slab.h>
#include <mm/slab_debug.h>
#include <selftest/accounting.h>
#include <selftest/test.h>

#define TIMES 5
#define SIZE 40
#define KMALLOC_SIZE 13 /* in kmalloc-16: the red zone begins within the object */

static struct kmem_cache *cache;
static uint8_t *objects[TIMES];
static unsigned reports; /* before the faults */

/* False, and the case is over, without slab_debug or without memory. */
static bool start(void) {
    if (!slab_debug) {
        test_skip("needs slab_debug on the command line");
        return false;
    }
    accounting_start();
    cache = kmem_cache_create("victim", SIZE, 0, NULL);
    if (!HAVE(cache)) return false;
    reports = slab_debug_reports();
    for (unsigned i = 0; i < TIMES; i++) {
        objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
        if (HAVE(objects[i])) continue;
        while (i > 0) kmem_cache_free(cache, objects[--i]);
        kmem_cache_destroy(cache);
        return false;
    }
    return true;
}

/* As many reports as faults, and no damage is left. */
static void check_reports(const char *kind, unsigned injected) {
    CHECK_EQUAL(slab_debug_reports(), reports + injected);
    CHECK_EQUAL(slab_debug_check_all(), 0);
    printk("# injected %u: %s\n", injected, kind);
}

static void finish(void) {
    kmem_cache_destroy(cache);
    accounting_check();
}

static void free_objects(void) {
    for (unsigned i = 0; i < TIMES; i++) kmem_cache_free(cache, objects[i]);
}

static void nothing_wrong(void) {
    if (!start()) return;
    for (unsigned i = 0; i < TIMES; i++)
        for (unsigned byte = 0; byte < SIZE; byte++) objects[i][byte] = 0xFF;
    free_objects();
    CHECK_EQUAL(slab_debug_check_all(), 0);
    CHECK_EQUAL(slab_debug_reports(), reports);
    finish();
}

static void overrun_by_one(void) {
    if (!start()) return;
    for (unsigned i = 0; i < TIMES; i++) objects[i][SIZE] = 0;
    free_objects();
    for (unsigned i = 0; i < TIMES; i++) {
        uint8_t *memory = kmalloc(KMALLOC_SIZE, GFP_KERNEL);
        if (!HAVE(memory)) break;
        memory[KMALLOC_SIZE] = 0;
        kfree(memory);
    }
    check_reports("overrun", 2 * TIMES);
    finish();
}

static void underrun(void) {
    if (!start()) return;
    for (unsigned i = 0; i < TIMES; i++) objects[i][-1] = 0;
    CHECK_EQUAL(slab_debug_check_all(), TIMES); /* while they are in use */
    free_objects();
    check_reports("underrun", TIMES);
    finish();
}

static void use_after_free(void) {
    if (!start()) return;
    free_objects();
    for (unsigned i = 0; i < TIMES; i++) objects[i][i * (SIZE - 1) / (TIMES - 1)] = 0x42;
    CHECK_EQUAL(slab_debug_check_all(), TIMES);
    check_reports("use after free", TIMES);
    finish();
}

static void double_free(void) {
    if (!start()) return;
    free_objects();
    free_objects();
    check_reports("double free", TIMES);
    finish();
}

/* To a cache that it is not of, by a pointer into its middle, and as if kmalloc() had given it. */
static void wrong_cache(void) {
    if (!start()) return;
    struct kmem_cache *other = kmem_cache_create("other", SIZE, 0, NULL);
    CHECK(other != NULL);
    for (unsigned i = 0; other && i < TIMES; i++) {
        kmem_cache_free(other, objects[i]);
        kmem_cache_free(cache, objects[i] + 8);
        kfree(objects[i]);
    }
    CHECK_EQUAL(kmem_cache_in_use(cache), TIMES);
    free_objects();
    check_reports("wrong cache", 3 * TIMES);
    kmem_cache_destroy(other);
    finish();
}

/* Objects that are in use when their cache goes. */
static void leak(void) {
    if (!start()) return;
    kmem_cache_destroy(cache);
    check_reports("leak", TIMES);
    accounting_check();
}

static const struct test_case cases[] = {
    {"nothing_wrong", nothing_wrong},
    {"overrun_by_one", overrun_by_one},
    {"underrun", underrun},
    {"use_after_free", use_after_free},
    {"double_free", double_free},
    {"wrong_cache", wrong_cache},
    {"leak", leak},
};

const struct test_suite suite_slab_debug = TEST_SUITE("slab_debug", cases);
