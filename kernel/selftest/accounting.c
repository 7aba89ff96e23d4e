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

static struct accounting before;

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

void accounting_take(struct accounting *counts) {
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
