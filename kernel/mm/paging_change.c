/*
 * paging_change.c: unmaps, changes rights, splits large pages. Hardware-free: see paging.h.
 */
#include <mm/paging_change.h>
#include <mm/paging_entry.h>

struct change {
    const struct page_tables *tables;
    bool unmap;     /* or else: */
    uint64_t flags; /* new ones */
    struct tlb_range *range;
};

static enum page_error split_edges(const struct page_tables *tables, virt_addr_t first,
                                   uint64_t bytes, struct tlb_range *range);
static void change_table(const struct change *change, unsigned depth, phys_addr_t table,
                         virt_addr_t virt, uint64_t bytes);
static void change_page(const struct change *change, unsigned depth, phys_addr_t slot, uint64_t old,
                        virt_addr_t virt);
static void free_if_empty(const struct change *change, unsigned depth, phys_addr_t slot,
                          virt_addr_t virt);
static void tlb_range_add(struct tlb_range *range, virt_addr_t virt, uint64_t bytes);

enum page_error page_unmap(const struct page_tables *tables, virt_addr_t virt, uint64_t bytes,
                           struct tlb_range *range) {
    const struct change change = {.tables = tables, .unmap = true, .range = range};
    enum page_error error = split_edges(tables, virt, bytes, range);
    if (error) return error;
    change_table(&change, 0, tables->root, virt, bytes);
    return PAGE_OK;
}

enum page_error page_protect(const struct page_tables *tables, virt_addr_t virt, uint64_t bytes,
                             uint64_t flags, struct tlb_range *range) {
    const struct change change = {.tables = tables, .flags = flags, .range = range};
    enum page_error error = split_edges(tables, virt, bytes, range);
    if (error) return error;
    change_table(&change, 0, tables->root, virt, bytes);
    return PAGE_OK;
}

/* Splits the large page that holds `virt` as long as it reaches beyond the range. */
static enum page_error split_edge(const struct page_tables *tables, virt_addr_t virt,
                                  virt_addr_t first, virt_addr_t last, struct tlb_range *range) {
    for (;;) {
        struct page_walk walk;
        page_walk(tables, virt, &walk);
        if (!walk.present || walk.page_bytes == PAGE_SIZE) return PAGE_OK;
        uintptr_t offset_mask = (uintptr_t)(walk.page_bytes - 1);
        if ((virt.value & ~offset_mask) >= first.value &&
            (virt.value | offset_mask) <= (last.value | (PAGE_SIZE - 1)))
            return PAGE_OK;
        enum page_error error = page_split(tables, virt, range);
        if (error) return error;
    }
}

/* After this, every page of the range lies in it as a whole. All that can fail has been done. */
static enum page_error split_edges(const struct page_tables *tables, virt_addr_t first,
                                   uint64_t bytes, struct tlb_range *range) {
    if (bytes == 0) return PAGE_OK;
    virt_addr_t last = virt_addr(first.value + (uintptr_t)(bytes - PAGE_SIZE));
    enum page_error error = split_edge(tables, first, first, last, range);
    if (error || first.value == last.value) return error;
    return split_edge(tables, last, first, last, range);
}

static void change_table(const struct change *change, unsigned depth, phys_addr_t table,
                         virt_addr_t virt, uint64_t bytes) {
    const struct page_tables *tables = change->tables;
    const struct paging_level *level = &tables->mode->level[depth];

    while (bytes > 0) {
        uint64_t part = bytes_in_entry(level, virt, bytes);
        phys_addr_t slot = slot_of(tables, depth, table, virt);
        uint64_t entry = slot_read(tables, slot);

        if (!(entry & PTE_PRESENT)) {
            if (change->unmap && entry) slot_write(tables, slot, 0);
        } else if (is_leaf(tables, depth, entry)) {
            change_page(change, depth, slot, entry, virt);
        } else {
            change_table(change, depth + 1, next_table(tables, entry), virt, part);
            if (change->unmap) free_if_empty(change, depth, slot, virt);
        }
        virt.value += (uintptr_t)part;
        bytes -= part;
    }
}

static void change_page(const struct change *change, unsigned depth, phys_addr_t slot, uint64_t old,
                        virt_addr_t virt) {
    const struct page_tables *tables = change->tables;
    const struct paging_level *level = &tables->mode->level[depth];
    uint64_t new = 0;

    if (!change->unmap) {
        uint64_t kept = leaf_flags(tables, level, old) & (PTE_ACCESSED | PTE_DIRTY);
        new = leaf_entry(tables, level, leaf_phys(tables, level, old), change->flags | kept);
    }
    if (new == old) return;
    slot_write(tables, slot, new);
    tlb_range_add(change->range, virt, level_bytes(level));
    if (old & PTE_GLOBAL) change->range->global = true;
}

/* `slot`, at this depth, points to a table. */
static void free_if_empty(const struct change *change, unsigned depth, phys_addr_t slot,
                          virt_addr_t virt) {
    const struct page_tables *tables = change->tables;
    const struct paging_mode *mode = tables->mode;
    phys_addr_t table = next_table(tables, slot_read(tables, slot));

    if (depth == 0 && page_index(&mode->level[0], virt) >= mode->fixed_root) return;
    if (!table_is_empty(tables, depth + 1, table)) return;
    slot_write(tables, slot, 0);
    table_push(&change->range->freed, table);
    if (!change->range->any) tlb_range_add(change->range, virt, PAGE_SIZE);
}

/* Fills a table with the pages that the large page of this step is made of. */
static void fill_with_parts(const struct page_tables *tables, const struct page_walk_step *large,
                            phys_addr_t table) {
    const struct paging_level *level = large->level + 1;
    uint64_t flags = leaf_flags(tables, large->level, large->entry);
    phys_addr_t phys = leaf_phys(tables, large->level, large->entry);
    uint64_t entry = leaf_entry(tables, level, phys, flags), step = level_bytes(level);

    for (uint32_t i = 1u << level->index_bits; i > 0; i--) {
        slot_write(tables, table, entry);
        table.value += tables->mode->entry_bytes;
        entry += step;
    }
}

/*
 * The entry that is replaced changes the size of the page, and nothing else: that is what the SDM
 * asks for where old and new translation may be in use side by side (3A §4.10.2.3, §4.10.4.2). One
 * INVLPG inside drops the large one.
 */
enum page_error page_split(const struct page_tables *tables, virt_addr_t virt,
                           struct tlb_range *range) {
    struct page_walk walk;
    page_walk(tables, virt, &walk);
    if (!walk.present || walk.page_bytes == PAGE_SIZE) return PAGE_OK;

    const struct page_walk_step *large = &walk.step[walk.depth - 1];
    phys_addr_t table = table_alloc();
    if (table.value == 0) return PAGE_NO_MEMORY;
    fill_with_parts(tables, large, table);
    slot_write(tables, slot_of(tables, walk.depth - 1, large->table, virt),
               table.value | large->level->table_flags);
    tlb_range_add(range, virt, PAGE_SIZE);
    if (large->entry & PTE_GLOBAL) range->global = true;
    return PAGE_OK;
}

static void tlb_range_add(struct tlb_range *range, virt_addr_t virt, uint64_t bytes) {
    virt_addr_t first = virt_addr(virt.value & ~(uintptr_t)(PAGE_SIZE - 1));
    virt_addr_t last = virt_addr(first.value + (uintptr_t)(bytes - PAGE_SIZE));

    if (!range->any || first.value < range->first.value) range->first = first;
    if (!range->any || last.value > range->last.value) range->last = last;
    range->any = true;
}

void page_free_tables(struct tlb_range *range) {
    while (range->freed.value) table_free(table_pop(&range->freed));
    *range = (struct tlb_range){0};
}
