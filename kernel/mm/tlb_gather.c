/*
 * tlb_gather.c: flushes what a change of the tables has left out of date, and then frees what is out
 * of use. Hardware-free: the flushes themselves are in tlb.c, and in a host test those of a model of
 * the TLB.
 */
#include <mm/buddy.h>
#include <mm/table_frames.h>
#include <mm/tlb.h>
#include <mm/user_pages.h>

#define PAGES_ONE_BY_ONE 33 /* Linux's limit too: beyond it, filling again costs less */

void tlb_gather_table(struct tlb_gather *gather, phys_addr_t table, virt_addr_t virt) {
    struct page *page = pfn_to_page(phys_to_pfn(table));

    page->private = gather->tables;
    gather->tables = page;
    if (!gather->any) tlb_gather_page(gather, virt, PAGE_SIZE, 0);
}

/* What is the kernel's is remembered whatever space is loaded. */
static void flush(const struct tlb_gather *gather) {
    if (!tlb_may_hold(gather->mm, gather->last)) return;
    uint32_t pages = (uint32_t)((gather->last.value - gather->first.value) / PAGE_SIZE) + 1;

    tlb_counts.range++;
    if (pages > PAGES_ONE_BY_ONE && gather->global)
        tlb_flush_all_global();
    else if (pages > PAGES_ONE_BY_ONE)
        tlb_flush_all(mm_loaded());
    else
        for (uint32_t i = 0; i < pages; i++)
            tlb_flush_page(gather->mm, virt_addr(gather->first.value + i * PAGE_SIZE));
}

void tlb_gather_finish(struct tlb_gather *gather) {
    if (gather->any) flush(gather);
    while (gather->frames > 0) user_page_put(gather->frame[--gather->frames]);
    while (gather->tables) {
        struct page *table = gather->tables;
        gather->tables = table->private;
        table_free(page_to_phys(table));
    }
    gather->any = gather->global = false;
}
