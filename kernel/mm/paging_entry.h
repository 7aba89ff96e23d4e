/*
 * paging_entry.h: one entry of a page table, for paging.c and its sisters only.
 *
 * A slot is the physical address of an entry. A leaf is an entry that maps a page; the others point
 * to the next table. Flags are in the form of the last level, whatever the size of the page.
 */
#ifndef MM_PAGING_ENTRY_H
#define MM_PAGING_ENTRY_H

#include <mm/paging.h>

/* The slot of `virt` in this table. */
static inline phys_addr_t slot_of(const struct page_tables *tables, unsigned depth,
                                  phys_addr_t table, virt_addr_t virt) {
    uint32_t index = page_index(&tables->mode->level[depth], virt);
    return phys_addr(table.value + (uint64_t)index * tables->mode->entry_bytes);
}

static inline uint64_t slot_read(const struct page_tables *tables, phys_addr_t slot) {
    return table_entry_read(slot, tables->mode->entry_bytes);
}

static inline void slot_write(const struct page_tables *tables, phys_addr_t slot, uint64_t entry) {
    table_entry_write(slot, tables->mode->entry_bytes, entry);
}

/* Does this present entry map a page? Without CR4.PSE nobody looks at PS (SDM 3A §4.3). */
static inline bool is_leaf(const struct page_tables *tables, unsigned depth, uint64_t entry) {
    if (depth == tables->mode->levels - 1u) return true;
    return tables->large_pages && tables->mode->level[depth].large && (entry & PTE_LARGE);
}

static inline phys_addr_t next_table(const struct page_tables *tables, uint64_t entry) {
    return phys_addr(entry & tables->mode->address_mask);
}

/* Bytes that one entry of this level spans: of linear addresses, so no 64-bit shift. */
static inline uint64_t level_bytes(const struct paging_level *level) {
    return (uintptr_t)1 << level->shift;
}

/* How many of the `bytes` from `virt` on lie in the same entry of this level? */
static inline uint64_t bytes_in_entry(const struct paging_level *level, virt_addr_t virt,
                                      uint64_t bytes) {
    uintptr_t span = (uintptr_t)1 << level->shift;
    uintptr_t to_end = span - (virt.value & (span - 1));
    return bytes < to_end ? bytes : to_end;
}

/* A leaf, its flags, and the page that it maps. */
static inline uint64_t leaf_entry(const struct page_tables *tables,
                                  const struct paging_level *level, phys_addr_t phys,
                                  uint64_t flags) {
    uint64_t entry = phys.value | (flags & tables->usable_flags);
    if (level->shift == PAGE_SHIFT) return entry;
    if (entry & PTE_PAT) entry |= PTE_PAT_LARGE;
    return entry | PTE_LARGE; /* the bit that was PAT */
}

static inline uint64_t leaf_flags(const struct page_tables *tables,
                                  const struct paging_level *level, uint64_t entry) {
    uint64_t flags = entry & ~tables->mode->address_mask;
    if (level->shift == PAGE_SHIFT) return flags;
    return (flags & ~PTE_LARGE) | (entry & PTE_PAT_LARGE ? PTE_PAT : 0);
}

static inline phys_addr_t leaf_phys(const struct page_tables *tables,
                                    const struct paging_level *level, uint64_t entry) {
    return phys_addr(entry & tables->mode->address_mask & ~(level_bytes(level) - 1));
}

/* Empty means all zero: an entry with P = 0 may hold something of the caller's. */
static inline bool table_is_empty(const struct page_tables *tables, unsigned depth,
                                  phys_addr_t table) {
    unsigned bytes = tables->mode->entry_bytes;
    for (uint32_t i = 1u << tables->mode->level[depth].index_bits; i > 0; i--) {
        if (table_entry_read(table, bytes)) return false;
        table.value += bytes;
    }
    return true;
}

/*
 * A list of tables, 0 if empty, linked through their first 4 bytes: enough, for tables lie below
 * 4 GB. A link is the address of a page, so its bit 0 is clear: read as an entry it is not present.
 */
static inline void table_push(phys_addr_t *list, phys_addr_t table) {
    table_entry_write(table, 4, list->value);
    *list = table;
}

static inline phys_addr_t table_pop(phys_addr_t *list) {
    phys_addr_t table = *list;
    *list = phys_addr(table_entry_read(table, 4));
    table_entry_write(table, 4, 0);
    return table;
}

#endif
