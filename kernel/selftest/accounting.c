/*
 * accounting.c: counts of memory that must be the same after a test.
 */
#include <lib/printk.h>
#include <mm/kmap.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
#include <selftest/accounting.h>
#include <selftest/test.h>

static struct accounting before;

void accounting_take(struct accounting *counts) {
    struct vm_region_stats areas;

    slab_reclaim(); /* empty slabs stay for the next user: no loss, but frames */
    for (unsigned owner = 0; owner < OWNERS; owner++) counts->owner[owner] = pages_of(owner);
    for (unsigned id = 0; id < ZONES; id++)
        for (unsigned order = 0; order < ORDERS; order++)
            counts->blocks[id][order] = zone_stats(id)->free_blocks[order];

    counts->caches = counts->objects = 0;
    for (const struct kmem_cache *cache = kmem_cache_first(); cache; cache = cache->next) {
        counts->caches++;
        counts->objects += kmem_cache_in_use(cache);
    }
    vm_region_stats(&vmalloc_region, &areas);
    counts->areas = areas.areas;
    counts->places = kmap_used();
}

void accounting_start(void) {
    accounting_take(&before);
}

uint32_t accounting_before(enum page_owner owner) {
    return before.owner[owner];
}

static unsigned compare(uint32_t was, uint32_t is, const char *what, const char *which) {
    if (was == is) return 0;
    printk("# accounting: %s%s: %u before, %u after\n", what, which, was, is);
    return 1;
}

unsigned accounting_compare(const struct accounting *was, const struct accounting *is) {
    unsigned different = 0;

    for (unsigned owner = 0; owner < OWNERS; owner++)
        different += compare(was->owner[owner], is->owner[owner], "frames of ",
                             page_owner_name((enum page_owner)owner));
    for (unsigned id = 0; id < ZONES; id++)
        for (unsigned order = 0; order < ORDERS; order++)
            different += compare(was->blocks[id][order], is->blocks[id][order], "free blocks of ",
                                 zone_stats((enum zone_id)id)->name);
    different += compare(was->caches, is->caches, "slab caches", "");
    different += compare(was->objects, is->objects, "objects", "");
    different += compare(was->areas, is->areas, "areas of vmalloc", "");
    return different + compare(was->places, is->places, "places of kmap", "");
}

void accounting_check(void) {
    static struct accounting now;

    accounting_take(&now);
    CHECK_EQUAL(accounting_compare(&before, &now), 0);
}
