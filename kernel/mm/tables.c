/*
 * tables.c: page tables as the kernel holds them: each in a frame, reached by the direct map.
 * The counterpart of paging.c, which is hardware-free.
 */
#include <lib/string.h>
#include <mm/buddy.h>
#include <mm/direct_map.h>
#include <mm/early.h>
#include <mm/paging_entry.h>
#include <mm/tables.h>

uint64_t table_entry_read(phys_addr_t entry, unsigned entry_bytes) {
    const volatile uint32_t *word = phys_to_virt(entry);
    return entry_bytes == 8 ? word[0] | (uint64_t)word[1] << 32 : word[0];
}

/*
 * A PAE entry is two words, and the processor may walk between two writes, even for the next
 * instruction of this very function. CMPXCHG8B writes both at once; each processor with PAE has it.
 */
static void write_both(volatile uint32_t *word, uint64_t value) {
    uint64_t seen = word[0] | (uint64_t)word[1] << 32;
    __asm__ volatile("1: cmpxchg8b %0\n\t"
                     "jnz 1b"
                     : "+m"(*(volatile uint64_t *)word), "+A"(seen)
                     : "b"((uint32_t)value), "c"((uint32_t)(value >> 32))
                     : "cc", "memory");
}

void table_entry_write(phys_addr_t entry, unsigned entry_bytes, uint64_t value) {
    volatile uint32_t *word = phys_to_virt(entry);
    if (entry_bytes == 8)
        write_both(word, value);
    else
        word[0] = (uint32_t)value;
}

static phys_addr_t early_limit; /* 0: the buddy allocator has memory */

void tables_from_early(phys_addr_t limit) {
    early_limit = limit;
}

void tables_from_buddy(void) {
    early_limit = phys_addr(0);
}

/* Tables of the early allocator that are out of use. The buddy allocator never had them, so they stay
 * tables. */
static phys_addr_t spares;

phys_addr_t table_alloc(void) {
    phys_addr_t table = phys_addr(0);

    if (spares.value) {
        table = table_pop(&spares);
    } else if (early_limit.value) {
        table = early_alloc(PAGE_SIZE, PAGE_SIZE, OWNER_PAGE_TABLE, early_limit);
    } else {
        struct page *page = alloc_pages(GFP_KERNEL, 0, OWNER_PAGE_TABLE);
        if (page) table = page_to_phys(page);
    }
    if (table.value) memset(phys_to_virt(table), 0, PAGE_SIZE);
    return table;
}

void table_free(phys_addr_t table) {
    struct page *page = pfn_to_page(phys_to_pfn(table));
    if (page && !(page->flags & PG_RESERVED)) {
        free_pages(page, 0);
        return;
    }
    table_push(&spares, table);
}
