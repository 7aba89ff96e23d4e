/*
 * paging_map.c: page_map(), all or nothing. Hardware-free: see paging.h.
 *
 * It goes through the tables twice. The first time it changes nothing, sees that the range is free
 * and counts the tables that are missing. Then it takes so many, and only if it got them all does
 * it map; nothing can fail any more. Had it linked tables one by one, those already linked would
 * have to be flushed from the processor's caches before they could be given back.
 */
#include <mm/paging_entry.h>

struct mapping {
    const struct page_tables *tables;
    uint64_t to_phys; /* physical address less linear one */
    uint64_t flags;
    uint32_t missing;   /* tables, counted by survey() */
    phys_addr_t spares; /* list of so many tables, for fill() */
};

static bool survey(struct mapping *mapping, unsigned depth, phys_addr_t table, virt_addr_t virt,
                   uint64_t bytes);
static bool take_spares(struct mapping *mapping);
static void fill(struct mapping *mapping, unsigned depth, phys_addr_t table, virt_addr_t virt,
                 uint64_t bytes);

enum page_error page_map(const struct page_tables *tables, virt_addr_t virt, phys_addr_t phys,
                         uint64_t bytes, uint64_t flags) {
    struct mapping mapping = {.tables = tables, .to_phys = phys.value - virt.value, .flags = flags};
    uint64_t reach = tables->mode->reach;

    if (phys.value > reach || bytes > reach - phys.value) return PAGE_TOO_HIGH;
    if (!survey(&mapping, 0, tables->root, virt, bytes)) return PAGE_IN_USE;
    if (!take_spares(&mapping)) return PAGE_NO_MEMORY;
    fill(&mapping, 0, tables->root, virt, bytes);
    return PAGE_OK;
}

static phys_addr_t phys_of(const struct mapping *mapping, virt_addr_t virt) {
    return phys_addr(virt.value + mapping->to_phys);
}

/* Is there a page of this level that holds these bytes, no less and no more? */
static bool page_fits(const struct mapping *mapping, const struct paging_level *level,
                      virt_addr_t virt, uint64_t bytes) {
    if (level->shift == PAGE_SHIFT) return true;
    return mapping->tables->large_pages && level->large && bytes == level_bytes(level) &&
           (phys_of(mapping, virt).value & (bytes - 1)) == 0;
}

/* False if a page is mapped in the range. `table` 0 is a missing table: all its entries are 0. */
static bool survey(struct mapping *mapping, unsigned depth, phys_addr_t table, virt_addr_t virt,
                   uint64_t bytes) {
    const struct page_tables *tables = mapping->tables;
    const struct paging_level *level = &tables->mode->level[depth];

    if (table.value == 0 && level->shift == PAGE_SHIFT) return true;
    while (bytes > 0) {
        uint64_t part = bytes_in_entry(level, virt, bytes);
        uint64_t entry = table.value ? slot_read(tables, slot_of(tables, depth, table, virt)) : 0;

        if (entry & PTE_PRESENT) {
            if (is_leaf(tables, depth, entry)) return false;
            if (!survey(mapping, depth + 1, next_table(tables, entry), virt, part)) return false;
        } else if (!page_fits(mapping, level, virt, part)) {
            mapping->missing++;
            survey(mapping, depth + 1, phys_addr(0), virt, part);
        }
        virt.value += (uintptr_t)part;
        bytes -= part;
    }
    return true;
}

/* All that are missing, or none. */
static bool take_spares(struct mapping *mapping) {
    for (uint32_t taken = 0; taken < mapping->missing; taken++) {
        phys_addr_t table = table_alloc();
        if (table.value == 0) {
            while (mapping->spares.value) table_free(table_pop(&mapping->spares));
            return false;
        }
        table_push(&mapping->spares, table);
    }
    return true;
}

static void fill(struct mapping *mapping, unsigned depth, phys_addr_t table, virt_addr_t virt,
                 uint64_t bytes) {
    const struct page_tables *tables = mapping->tables;
    const struct paging_level *level = &tables->mode->level[depth];

    while (bytes > 0) {
        uint64_t part = bytes_in_entry(level, virt, bytes);
        phys_addr_t slot = slot_of(tables, depth, table, virt);
        uint64_t entry = slot_read(tables, slot);

        if (!(entry & PTE_PRESENT) && page_fits(mapping, level, virt, part)) {
            phys_addr_t phys = phys_of(mapping, virt);
            slot_write(tables, slot, leaf_entry(tables, level, phys, mapping->flags));
        } else {
            if (!(entry & PTE_PRESENT)) {
                entry = table_pop(&mapping->spares).value | level->table_flags;
                slot_write(tables, slot, entry);
            }
            fill(mapping, depth + 1, next_table(tables, entry), virt, part);
        }
        virt.value += (uintptr_t)part;
        bytes -= part;
    }
}
