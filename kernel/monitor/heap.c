/*
 * heap.c: the commands slab, vmap and tlb: what lies on top of the page allocator.
 */
#include <cpu/backtrace.h>
#include <cpu/cpuid.h>
#include <lib/printk.h>
#include <mm/kmap.h>
#include <mm/slab.h>
#include <mm/slab_debug.h>
#include <mm/tlb.h>
#include <mm/vmalloc.h>
#include <monitor/commands.h>

bool command_slab(int argc, char **argv) {
    (void)argc, (void)argv;

    printk("cache                    size stride align  order objects slabs in use   allocs    frees\n");
    for (const struct kmem_cache *cache = kmem_cache_first(); cache; cache = cache->next) {
        unsigned in_use = kmem_cache_in_use(cache);
        printk("%-23s %5u %6u %5u %6u %7u %5u %6u %8llu %8llu\n", cache->name, cache->size,
               cache->stride, cache->align, cache->usual.order, cache->usual.objects, cache->slabs,
               in_use, cache->allocations, cache->allocations - in_use);
    }
    printk("slab_debug: %u reports\n", slab_debug_reports());
    return true;
}

bool command_vmap(int argc, char **argv) {
    (void)argc, (void)argv;
    struct vm_region_stats stats;
    vm_region_stats(&vmalloc_region, &stats);

    printk("%08x-%08x direct map\n", PAGE_OFFSET, PAGE_OFFSET + DIRECT_MAP_MAX - 1);
    printk("%08x-%08x vmalloc and ioremap: %u areas, %u KB used, %u KB free\n",
           (uint32_t)vmalloc_region.start.value, (uint32_t)vmalloc_region.end.value - 1,
           stats.areas, stats.used / 1024, stats.free / 1024);
    for (const struct vm_area *area = vmalloc_region.first; area; area = area->next) {
        printk("  %08x %8u bytes, %s by ", (uint32_t)area->start.value, area->bytes,
               area->flags & VM_AREA_IOREMAP ? "ioremap" : "vmalloc");
        print_code_address((uint32_t)area->caller);
        printk("\n");
    }
    printk("%08x-%08x kmap: %u of %u places taken\n", KMAP_START,
           KMAP_START + KMAP_PAGES * PAGE_SIZE - 1, kmap_used(), KMAP_PAGES);
    printk("%08x          fixmap: the screen, then %u places of kmap_atomic\n", FIXMAP_START,
           KMAP_ATOMIC_MAX);
    return true;
}

bool command_tlb(int argc, char **argv) {
    (void)argc, (void)argv;

    printk("%8u  one page: INVLPG\n", tlb_counts.page);
    printk("%8u  a range\n", tlb_counts.range);
    printk("%8u  all that is not global: CR3 loaded\n", tlb_counts.all);
    printk("%8u  all: CR4.PGE off and on%s\n", tlb_counts.all_global,
           cpu.pge ? "" : " (this processor has no global pages)");
    return true;
}
