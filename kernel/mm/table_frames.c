/*
 * table_frames.c: where the frames of page tables come from.
 */
#include <lib/string.h>
#include <mm/buddy.h>
#include <mm/early.h>
#include <mm/table_frames.h>

static phys_addr_t early_limit; /* 0: the buddy allocator has memory */

void tables_from_early(phys_addr_t limit) {
    early_limit = limit;
}

void tables_from_buddy(void) {
    early_limit = phys_addr(0);
}

phys_addr_t table_alloc(void) {
    phys_addr_t table = phys_addr(0);

    if (early_limit.value) {
        table = early_alloc(PAGE_SIZE, PAGE_SIZE, OWNER_PAGE_TABLE, early_limit);
    } else {
        struct page *page = alloc_pages(GFP_KERNEL, 0, OWNER_PAGE_TABLE);
        if (!page) return table;
        page->used_entries = 0;
        table = page_to_phys(page);
    }
    if (table.value) memset(phys_to_virt(table), 0, PAGE_SIZE);
    return table;
}

void table_free(phys_addr_t table) {
    free_pages(pfn_to_page(phys_to_pfn(table)), 0);
}
