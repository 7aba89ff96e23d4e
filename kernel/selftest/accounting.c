/*
 * accounting.c: counts of memory that must be the same after a test.
 */
#include <lib/irq.h>
#include <lib/printk.h>
#include <mm/kmap.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/tlb.h>
#include <mm/vmalloc.h>
#include <selftest/accounting.h>
#include <selftest/test.h>

struct counts {
    uint32_t owner[OWNERS];
    uint32_t blocks[ZONES][ORDERS];
    uint32_t caches, objects, areas, places;
};
static struct counts before;

/* Empty slabs and, in classic mode, empty tables of vmalloc's addresses stay for the next user:
 * they are no loss, but they are frames. */
static void drop_what_is_kept(void) {
    slab_reclaim();
    /* These tables are in use by CR3. Nothing runs between the drop and the flush, and an address
     * whose table is empty is one that nobody has. */
    uint32_t eflags = irq_save();
    page_root_drop(&kernel_tables, virt_addr(VMALLOC_START), VMALLOC_END - VMALLOC_START);
    tlb_flush_all_global();
    irq_restore(eflags);
}

static void take(struct counts *counts) {
    struct vm_region_stats areas;

    drop_what_is_kept();
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
    take(&before);
}

uint32_t accounting_before(enum page_owner owner) {
    return before.owner[owner];
}

void accounting_check(void) {
    static struct counts now;

    take(&now);
    for (unsigned owner = 0; owner < OWNERS; owner++) {
        CHECK_EQUAL(now.owner[owner], before.owner[owner]);
        if (now.owner[owner] != before.owner[owner]) printk("# %s\n", page_owner_name(owner));
    }
    for (unsigned id = 0; id < ZONES; id++)
        for (unsigned order = 0; order < ORDERS; order++)
            CHECK_EQUAL(now.blocks[id][order], before.blocks[id][order]);
    CHECK_EQUAL(now.caches, before.caches);
    CHECK_EQUAL(now.objects, before.objects);
    CHECK_EQUAL(now.areas, before.areas);
    CHECK_EQUAL(now.places, before.places);
}
