/*
 * paging.c: walks and builds page tables in any paging mode. Hardware-free: see paging.h.
 */
#include <mm/paging.h>

/* SDM 3A §4.3. Large pages, 4 MB, need CR4.PSE. */
const struct paging_mode paging_classic = {
    .name = "classic",
    .levels = 2,
    .entry_bytes = 4,
    .root_mask = 0xFFFFF000,
    .address_mask = 0xFFFFF000,
    .reach = 1ull << 32,
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
    .level = {
        {"pgd", 30, 2, false, PTE_PRESENT},
        {"pmd", 21, 9, true, PTE_PRESENT | PTE_WRITE | PTE_USER},
        {"pte", 12, 9, false, 0},
    },
};

static void add_rights(struct page_walk *walk, const struct paging_level *level, uint64_t entry,
                       bool leaf);
static enum page_error map_one(const struct page_tables *tables, virt_addr_t virt,
                               phys_addr_t phys, uint64_t bytes, uint64_t flags,
                               uint64_t *mapped);

static phys_addr_t entry_address(const struct paging_mode *mode, phys_addr_t table,
                                 uint32_t index) {
    return phys_addr(table.value + (uint64_t)index * mode->entry_bytes);
}

/* Does this entry map a page, rather than point to a table? */
static bool is_leaf(const struct paging_mode *mode, unsigned depth, uint64_t entry) {
    if (depth == mode->levels - 1u) return true;
    return mode->level[depth].large && (entry & PTE_LARGE);
}

uint32_t page_index(const struct paging_level *level, virt_addr_t virt) {
    return (uint32_t)(virt.value >> level->shift) & ((1u << level->index_bits) - 1);
}

void page_walk(const struct page_tables *tables, virt_addr_t virt, struct page_walk *walk) {
    const struct paging_mode *mode = tables->mode;
    phys_addr_t table = tables->root;

    *walk = (struct page_walk){.writable = true, .user = true, .executable = true};
    for (unsigned depth = 0; depth < mode->levels; depth++) {
        const struct paging_level *level = &mode->level[depth];
        uint32_t index = page_index(level, virt);
        uint64_t entry = table_entry_read(entry_address(mode, table, index), mode->entry_bytes);

        walk->step[walk->depth++] = (struct page_walk_step){level, table, index, entry};
        if (!(entry & PTE_PRESENT)) return;
        bool leaf = is_leaf(mode, depth, entry);
        add_rights(walk, level, entry, leaf);
        if (leaf) {
            uint64_t offset_mask = (1ull << level->shift) - 1;
            walk->present = true;
            walk->page_bytes = offset_mask + 1;
            walk->phys = phys_addr((entry & mode->address_mask & ~offset_mask) |
                                   (virt.value & offset_mask));
            return;
        }
        table = phys_addr(entry & mode->address_mask);
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

enum page_error page_map(const struct page_tables *tables, virt_addr_t virt, phys_addr_t phys,
                         uint64_t bytes, uint64_t flags) {
    while (bytes > 0) {
        uint64_t mapped = 0;
        enum page_error error = map_one(tables, virt, phys, bytes, flags, &mapped);
        if (error) return error;
        virt.value += (uintptr_t)mapped;
        phys.value += mapped;
        bytes -= mapped;
    }
    return PAGE_OK;
}

/* Does a page of this level fit here, within `bytes`? */
static bool page_fits(const struct page_tables *tables, const struct paging_level *level,
                      virt_addr_t virt, phys_addr_t phys, uint64_t bytes) {
    uint64_t page_bytes = 1ull << level->shift;
    if (page_bytes == PAGE_SIZE) return true;
    return level->large && tables->large_pages && bytes >= page_bytes &&
           ((virt.value | phys.value) & (page_bytes - 1)) == 0;
}

/* Maps the largest page that fits, and says in `mapped` how many bytes it has. */
static enum page_error map_one(const struct page_tables *tables, virt_addr_t virt,
                               phys_addr_t phys, uint64_t bytes, uint64_t flags,
                               uint64_t *mapped) {
    const struct paging_mode *mode = tables->mode;
    const struct paging_level *level = mode->level;
    phys_addr_t table = tables->root;

    for (;; level++) {
        phys_addr_t slot = entry_address(mode, table, page_index(level, virt));
        uint64_t entry = table_entry_read(slot, mode->entry_bytes);

        if (!(entry & PTE_PRESENT) && page_fits(tables, level, virt, phys, bytes)) {
            uint64_t large = level->shift > PAGE_SHIFT ? PTE_LARGE : 0;
            *mapped = 1ull << level->shift;
            table_entry_write(slot, mode->entry_bytes,
                              phys.value | large | (flags & tables->usable_flags));
            return PAGE_OK;
        }
        if (!(entry & PTE_PRESENT)) {
            phys_addr_t next = table_alloc();
            if (next.value == 0) return PAGE_NO_MEMORY;
            entry = next.value | level->table_flags;
            table_entry_write(slot, mode->entry_bytes, entry);
        } else if (is_leaf(mode, (unsigned)(level - mode->level), entry)) {
            return PAGE_IN_USE;
        }
        table = phys_addr(entry & mode->address_mask);
    }
}
