/*
 * paging.c: walks and builds page tables in any paging mode. Hardware-free: see paging.h.
 */
#include <mm/paging_entry.h>

/* SDM 3A §4.3. Large pages, 4 MB, need CR4.PSE. */
const struct paging_mode paging_classic = {
    .name = "classic",
    .levels = 2,
    .entry_bytes = 4,
    .root_mask = 0xFFFFF000,
    .address_mask = 0xFFFFF000,
    .reach = 1ull << 32,
    .fixed_root = PAGE_OFFSET >> 22,
    .level = {
        {"pgd", 22, 10, true, PTE_PRESENT | PTE_WRITE | PTE_USER},
        {"pte", 12, 10, false, 0},
    },
};

/*
 * SDM 3A §4.4. Large pages, 2 MB, are always there. The four entries of the pgd hold no rights:
 * R/W, U/S and NX are reserved bits in them. We stop at 64 GB, the 36 bits of the first PAE.
 */
const struct paging_mode paging_pae = {
    .name = "PAE",
    .levels = 3,
    .entry_bytes = 8,
    .root_mask = 0xFFFFFFE0,
    .address_mask = 0x000FFFFFFFFFF000,
    .reach = 1ull << 36,
    .fixed_root = 0,
    .level = {
        {"pgd", 30, 2, false, PTE_PRESENT},
        {"pmd", 21, 9, true, PTE_PRESENT | PTE_WRITE | PTE_USER},
        {"pte", 12, 9, false, 0},
    },
};

static void add_rights(struct page_walk *walk, const struct paging_level *level, uint64_t entry,
                       bool leaf);

void page_walk(const struct page_tables *tables, virt_addr_t virt, struct page_walk *walk) {
    const struct paging_mode *mode = tables->mode;
    phys_addr_t table = tables->root;

    *walk = (struct page_walk){.writable = true, .user = true, .executable = true};
    for (unsigned depth = 0; depth < mode->levels; depth++) {
        const struct paging_level *level = &mode->level[depth];
        uint64_t entry = slot_read(tables, slot_of(tables, depth, table, virt));

        walk->step[walk->depth++] =
            (struct page_walk_step){level, table, page_index(level, virt), entry};
        if (!(entry & PTE_PRESENT)) return;
        bool leaf = is_leaf(tables, depth, entry);
        add_rights(walk, level, entry, leaf);
        if (leaf) {
            uint64_t offset = virt.value & (level_bytes(level) - 1);
            walk->present = true;
            walk->page_bytes = level_bytes(level);
            walk->phys = phys_addr(leaf_phys(tables, level, entry).value + offset);
            return;
        }
        table = next_table(tables, entry);
    }
}

/* A right must be granted at every level that has the bit; one NX forbids (SDM 3A §4.6). */
static void add_rights(struct page_walk *walk, const struct paging_level *level, uint64_t entry,
                       bool leaf) {
    if (!leaf && !(level->table_flags & PTE_WRITE)) return;
    if (!(entry & PTE_WRITE)) walk->writable = false;
    if (!(entry & PTE_USER)) walk->user = false;
    if (entry & PTE_NX) walk->executable = false;
}
