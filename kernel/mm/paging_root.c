/*
 * paging_root.c: the tables of the root that must not come and go. Why: paging.h, page_root_fill().
 */
#include <mm/paging_entry.h>

enum page_error page_root_fill(const struct page_tables *tables, virt_addr_t virt, uint64_t bytes) {
    const struct paging_level *level = tables->mode->level;

    while (bytes > 0) {
        uint64_t part = bytes_in_entry(level, virt, bytes);
        phys_addr_t slot = slot_of(tables, 0, tables->root, virt);

        if (!(slot_read(tables, slot) & PTE_PRESENT)) {
            phys_addr_t table = table_alloc();
            if (table.value == 0) return PAGE_NO_MEMORY;
            slot_write(tables, slot, table.value | level->table_flags);
        }
        virt.value += (uintptr_t)part;
        bytes -= part;
    }
    return PAGE_OK;
}

void page_root_drop(const struct page_tables *tables, virt_addr_t virt, uint64_t bytes) {
    const struct paging_level *level = tables->mode->level;

    while (bytes > 0) {
        uint64_t part = bytes_in_entry(level, virt, bytes);
        phys_addr_t slot = slot_of(tables, 0, tables->root, virt);
        uint64_t entry = slot_read(tables, slot);
        phys_addr_t table = next_table(tables, entry);

        if ((entry & PTE_PRESENT) && !is_leaf(tables, 0, entry) &&
            table_is_empty(tables, 1, table)) {
            slot_write(tables, slot, 0);
            table_free(table);
        }
        virt.value += (uintptr_t)part;
        bytes -= part;
    }
}
