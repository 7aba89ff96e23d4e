/*
 * tlb_range.c: flushes what a change of the tables has left out of date. Hardware-free: the flushes
 * themselves are in tlb.c, and in a host test those of a model of the TLB.
 */
#include <mm/tlb.h>

#define PAGES_ONE_BY_ONE 33 /* Linux's limit too: beyond it, filling again costs less */

void tlb_flush_range(struct tlb_range *range) {
    if (range->any) {
        uint32_t pages = (uint32_t)((range->last.value - range->first.value) / PAGE_SIZE) + 1;
        tlb_counts.range++;
        if (pages > PAGES_ONE_BY_ONE && range->global)
            tlb_flush_all_global();
        else if (pages > PAGES_ONE_BY_ONE)
            tlb_flush_all();
        else
            for (uint32_t i = 0; i < pages; i++)
                tlb_flush_page(virt_addr(range->first.value + i * PAGE_SIZE));
    }
    page_free_tables(range);
    *range = (struct tlb_range){.any = false};
}
