/*
 * pgtable.c: entries, map, unmap, protect, split, join. See pgtable.h.
 */
#include <mm/pgtable.h>
#include <mm/tlb.h>

/* ---- one entry ---- */

/* Where the entry of `virt` lies in a table. */
static inline void *slot_in(const struct paging_mode *mode, const struct paging_level *level,
                            phys_addr_t table, virt_addr_t virt) {
    return (uint8_t *)phys_to_virt(table) + level_index(level, virt) * mode->entry_bytes;
}

/* lab 8: begin */
/* From the root down, for as long as entries point to tables, but no deeper than `bottom`. That they
 * do, and to which, is in their low 32 bits. */
static inline struct pte go_down(const struct mm *mm, virt_addr_t virt,
                                 const struct paging_level *bottom) {
    const struct paging_mode *mode = mm->mode;
    const struct paging_level *level = mode->level;
    void *slot = slot_in(mode, level, mm->root, virt);
    uint32_t low;

    while (level != bottom && pte_is_table(level, low = (uint32_t)pte_read(slot, 4)))
        slot = slot_in(mode, ++level, pte_table(low), virt);
    return (struct pte){slot, level, pte_read(slot, mode->entry_bytes)};
}
/* lab 8: end */

struct pte pte_find(const struct mm *mm, virt_addr_t virt) {
    return go_down(mm, virt, NULL);
}

struct pte pte_find_at(const struct mm *mm, virt_addr_t virt, unsigned depth) {
    return go_down(mm, virt, mm->mode->level + depth);
}

/* Must this entry stay as it is? Roots have copies of it, or the processor has. */
static bool is_fixed(const struct mm *mm, const struct pte *pte, virt_addr_t virt) {
    return pte->level == mm->mode->level && mm->sealed && virt.value >= mm->mode->fixed_start;
}

static uint64_t table_value(const struct mm *mm, const struct paging_level *level, virt_addr_t virt,
                            phys_addr_t table) {
    bool user = virt.value < mm->mode->user_end;
    return table.value | (user ? level->table_flags : level->table_flags & ~PTE_USER);
}

/* Puts an empty table into an entry that is 0. False if there is no frame for it. */
static bool add_table(const struct mm *mm, const struct pte *pte, virt_addr_t virt) {
    if (is_fixed(mm, pte, virt)) return false;
    phys_addr_t table = table_alloc();
    if (table.value) pte_set(mm, pte, table_value(mm, pte->level, virt, table));
    return table.value;
}

struct pte pte_make(const struct mm *mm, virt_addr_t virt, unsigned depth) {
    const struct paging_level *bottom = mm->mode->level + depth;
    struct pte pte = pte_find_at(mm, virt, depth);

    while (pte.level < bottom && pte.level->shift != PAGE_SHIFT && pte.value == 0 &&
           add_table(mm, &pte, virt))
        pte = pte_find_at(mm, virt, depth);
    return pte;
}

uint64_t pte_exchange(const struct mm *mm, const struct pte *pte, uint64_t value) {
    uint64_t old = pte->value;
    while (!pte_replace(pte->slot, mm->mode->entry_bytes, &old, value)) {}
    if (!old != !value) table_count(pte->slot, value ? 1 : -1);
    return old;
}

uint64_t pte_change(const struct mm *mm, const struct pte *pte, uint64_t set, uint64_t clear) {
    uint64_t old = pte->value;
    while (!pte_replace(pte->slot, mm->mode->entry_bytes, &old, (old | set) & ~clear)) {}
    return old;
}

/* lab 8: begin */
/* A right must be granted at every level that has the bit; one NX forbids (SDM 3A §4.6). */
struct translation pt_translate(const struct mm *mm, virt_addr_t virt) {
    struct translation found = {.writable = true, .user = true, .executable = true};
    struct pte pte;
    unsigned depth = 0;

    do {
        pte = pte_find_at(mm, virt, depth++);
        if (!(pte.value & PTE_PRESENT)) return (struct translation){.present = false};
        bool table = pte_is_table(pte.level, pte.value);
        if (table && !(pte.level->table_flags & PTE_WRITE)) continue;
        if (!(pte.value & PTE_WRITE)) found.writable = false;
        if (!(pte.value & PTE_USER)) found.user = false;
        if (pte.value & PTE_NX) found.executable = false;
    } while (pte_is_table(pte.level, pte.value));

    found.present = true;
    found.page_bytes = level_bytes(pte.level);
    found.flags = pte_flags(mm->mode, pte.value);
    found.phys = pte_phys(mm->mode, pte.value);
    found.phys.value += virt.value & (level_bytes(pte.level) - 1);
    return found;
}
/* lab 8: end */

/* ---- map ---- */

struct mapping {
    const struct mm *mm;
    uint64_t value; /* of the next entry: its page and the flags */
};

/* Out of the way of the common case, which keeps its entry in registers: so these get a copy. */
static enum map_error map_large(struct mapping *mapping, struct pte pte, virt_addr_t virt,
                                uintptr_t bytes) __attribute__((noinline));
static void undo(const struct mm *mm, virt_addr_t virt, uintptr_t bytes) __attribute__((noinline));

/* A large page, if that is what these bytes are; else a table. */
static enum map_error map_large(struct mapping *mapping, struct pte pte, virt_addr_t virt,
                                uintptr_t bytes) {
    bool fits = bytes == level_bytes(pte.level) && (mapping->value & (bytes - PAGE_SIZE)) == 0;

    if (is_fixed(mapping->mm, &pte, virt)) return MAP_ROOT_FIXED;
    if (!level_has_large(pte.level) || !fits)
        return add_table(mapping->mm, &pte, virt) ? MAP_AGAIN : MAP_NO_MEMORY;
    pte_set(mapping->mm, &pte, mapping->value | PTE_LARGE);
    mapping->value += bytes;
    return MAP_OK;
}

static enum map_error map_one(const struct pte *pte, virt_addr_t virt, uintptr_t bytes,
                              void *with) {
    struct mapping *mapping = with;

    if (pte->value) return MAP_IN_USE;
    if (pte->level->shift != PAGE_SHIFT) return map_large(mapping, *pte, virt, bytes);
    pte_set(mapping->mm, pte, mapping->value);
    mapping->value += PAGE_SIZE;
    return MAP_OK;
}

/* Back: what was mapped had been 0, and the last table made may be empty. */
static void undo(const struct mm *mm, virt_addr_t virt, uintptr_t bytes) {
    struct tlb_gather gather;

    tlb_gather_start(&gather, mm);
    pt_unmap(&gather, virt, bytes);
    pt_drop_empty_tables(&gather, virt_addr(virt.value + bytes));
    tlb_gather_finish(&gather);
}

enum map_error pt_map(const struct mm *mm, virt_addr_t virt, phys_addr_t phys, uintptr_t bytes,
                      uint64_t flags) {
    const uint64_t first = phys.value | (flags & mm->mode->usable_flags), reach = mm->mode->reach;
    struct mapping mapping = {mm, first};
    if (phys.value > reach || bytes > reach - phys.value) return MAP_TOO_HIGH;

    enum map_error error = pt_walk(mm, virt, bytes, map_one, &mapping);
    if (error) undo(mm, virt, (uintptr_t)(mapping.value - first));
    return error;
}

/* ---- unmap ---- */

struct unmapping {
    struct tlb_gather *gather;
    bool free;
    void (*swap_put)(uint64_t value);
};

static enum map_error open_large(struct tlb_gather *gather, struct pte pte, virt_addr_t virt,
                                 uintptr_t bytes) __attribute__((noinline));
static enum map_error split(struct tlb_gather *gather, const struct pte *pte, virt_addr_t virt);
static enum map_error split_end(struct tlb_gather *gather, virt_addr_t virt, uintptr_t bytes);

/* A large page, of which these bytes are to change: all of it, or there is a split first. */
static enum map_error open_large(struct tlb_gather *gather, struct pte pte, virt_addr_t virt,
                                 uintptr_t bytes) {
    if (is_fixed(gather->mm, &pte, virt)) return MAP_ROOT_FIXED;
    return bytes < level_bytes(pte.level) ? split(gather, &pte, virt) : MAP_OK;
}

static enum map_error unmap_one(const struct pte *pte, virt_addr_t virt, uintptr_t bytes,
                                void *with) {
    const struct unmapping *unmapping = with;
    struct tlb_gather *gather = unmapping->gather;
    const struct paging_mode *mode = gather->mm->mode;

    if (pte->value & PTE_PRESENT) {
        if (pte->level->shift != PAGE_SHIFT) {
            enum map_error error = open_large(gather, *pte, virt, bytes);
            if (error) return error;
        }
        uint64_t old = pte_clear(pte->slot, mode->entry_bytes);
        tlb_gather_page(gather, virt, bytes, old);
        if (unmapping->free) tlb_gather_frame(gather, phys_to_pfn(pte_phys(mode, old)));
    } else {
        if (pte->value == 0 || !unmapping->free) return MAP_OK;
        pte_fill(pte->slot, mode->entry_bytes, 0);
        if (unmapping->swap_put) unmapping->swap_put(pte->value);
    }
    if (table_count(pte->slot, -1) == 0) pt_drop_empty_tables(gather, virt);
    return MAP_OK;
}

static enum map_error unmap(struct unmapping unmapping, virt_addr_t virt, uintptr_t bytes) {
    enum map_error error = bytes > PAGE_SIZE ? split_end(unmapping.gather, virt, bytes) : MAP_OK;
    return error ? error : pt_walk(unmapping.gather->mm, virt, bytes, unmap_one, &unmapping);
}

enum map_error pt_unmap(struct tlb_gather *gather, virt_addr_t virt, uintptr_t bytes) {
    return unmap((struct unmapping){gather, false, NULL}, virt, bytes);
}

enum map_error pt_unmap_free(struct tlb_gather *gather, virt_addr_t virt, uintptr_t bytes,
                             void (*swap_put)(uint64_t value)) {
    return unmap((struct unmapping){gather, true, swap_put}, virt, bytes);
}

void pt_drop_empty_tables(struct tlb_gather *gather, virt_addr_t virt) {
    const struct mm *mm = gather->mm;
    struct pte pte = pte_find(mm, virt);

    while (pte.level != mm->mode->level && table_count(pte.slot, 0) == 0) {
        phys_addr_t table = table_of(pte.slot);
        pte = pte_find_at(mm, virt, (unsigned)(pte.level - mm->mode->level) - 1);
        if (is_fixed(mm, &pte, virt)) return;
        pte_exchange(mm, &pte, 0);
        tlb_gather_table(gather, table, virt);
    }
}

/* ---- protect ---- */

struct protection {
    struct tlb_gather *gather;
    uint64_t set, clear;
};

static enum map_error protect_one(const struct pte *pte, virt_addr_t virt, uintptr_t bytes,
                                  void *with) {
    const struct protection *protection = with;
    uint64_t set = protection->set, clear = protection->clear;

    if (!pte_has_frame(pte->value) || ((pte->value | set) & ~clear) == pte->value) return MAP_OK;
    if (pte->level->shift != PAGE_SHIFT) {
        enum map_error error = open_large(protection->gather, *pte, virt, bytes);
        if (error) return error;
    }
    uint64_t old = pte_change(protection->gather->mm, pte, set, clear);
    if (old & PTE_PRESENT) tlb_gather_page(protection->gather, virt, bytes, old);
    return MAP_OK;
}

enum map_error pt_protect(struct tlb_gather *gather, virt_addr_t virt, uintptr_t bytes,
                          uint64_t set, uint64_t clear) {
    uint64_t usable = gather->mm->mode->usable_flags;
    struct protection protection = {gather, set & usable, clear};
    enum map_error error = bytes > PAGE_SIZE ? split_end(gather, virt, bytes) : MAP_OK;
    return error ? error : pt_walk(gather->mm, virt, bytes, protect_one, &protection);
}

/* ---- split and join ---- */

/* Fills a table with the pages that a large page is made of. */
static void fill_with_parts(const struct mm *mm, phys_addr_t table, const struct pte *large) {
    const struct paging_level *level = large->level + 1;
    uint8_t *slot = phys_to_virt(table), *end = slot + PAGE_SIZE;
    uint64_t value = (large->value & ~PTE_LARGE) | pte_large(level);
    const unsigned entry_bytes = mm->mode->entry_bytes;
    const uintptr_t step = level_bytes(level);

    for (; slot < end; slot += entry_bytes, value += step) pte_fill(slot, entry_bytes, value);
}

/* The table is filled first, then one entry is replaced; once more if A or D came in between. */
static enum map_error split(struct tlb_gather *gather, const struct pte *pte, virt_addr_t virt) {
    const struct mm *mm = gather->mm;
    struct pte large = *pte;

    if (is_fixed(mm, pte, virt)) return MAP_ROOT_FIXED;
    phys_addr_t table = table_alloc();
    if (table.value == 0) return MAP_NO_MEMORY;
    uint64_t value = table_value(mm, pte->level, virt, table);
    do fill_with_parts(mm, table, &large);
    while (!pte_replace(pte->slot, mm->mode->entry_bytes, &large.value, value));
    table_count(phys_to_virt(table), (int)pte->level[1].last_index + 1);
    tlb_gather_page(gather, virt, PAGE_SIZE, large.value);
    return MAP_AGAIN;
}

/* Splits what sticks out of a range of several pages behind its end. What does at its start is the
 * first that a walk meets, so after this nothing can fail in the middle. */
static enum map_error split_end(struct tlb_gather *gather, virt_addr_t virt, uintptr_t bytes) {
    virt_addr_t end = virt_addr(virt.value + bytes);
    for (;;) {
        struct pte pte = pte_find(gather->mm, virt_addr(end.value - 1));
        if (!(pte.value & PTE_PRESENT) || (end.value & (level_bytes(pte.level) - 1)) == 0)
            return MAP_OK;
        enum map_error error = split(gather, &pte, virt_addr(end.value - PAGE_SIZE));
        if (error != MAP_AGAIN) return error;
    }
}

enum map_error pt_split(struct tlb_gather *gather, virt_addr_t virt) {
    struct pte pte = pte_find(gather->mm, virt);
    if (!(pte.value & PTE_PRESENT) || pte.level->shift == PAGE_SHIFT) return MAP_OK;
    enum map_error error = split(gather, &pte, virt);
    return error == MAP_AGAIN ? MAP_OK : error;
}

/* Is a table full of parts of one page: `value`, and each `step` further? A large page is aligned,
 * so that only the low words differ. */
static bool maps_one_page(const uint8_t *slot, unsigned entry_bytes, uint64_t value,
                          uint32_t step) {
    const uint8_t *end = slot + PAGE_SIZE;
    uint32_t low = (uint32_t)value, high = (uint32_t)(value >> 32), lows = 0, highs = 0;

    for (; slot < end; slot += entry_bytes, low += step) {
        lows |= (uint32_t)pte_read(slot, 4) ^ low;
        if (entry_bytes == 8) highs |= (uint32_t)pte_read(slot + 4, 4) ^ high;
    }
    return highs == 0 && (lows & ~(uint32_t)(PTE_ACCESSED | PTE_DIRTY)) == 0;
}

bool pt_join(struct tlb_gather *gather, virt_addr_t virt) {
    const struct mm *mm = gather->mm;
    struct pte part = pte_find(mm, virt);
    if (part.level == mm->mode->level) return false;
    struct pte large = pte_find_at(mm, virt, (unsigned)(part.level - mm->mode->level) - 1);
    if (!level_has_large(large.level) || is_fixed(mm, &large, virt)) return false;

    const uintptr_t bytes = level_bytes(large.level);
    phys_addr_t table = table_of(part.slot);
    uint64_t first = pte_read(phys_to_virt(table), mm->mode->entry_bytes);
    if (!(first & PTE_PRESENT) || pte_phys(mm->mode, first).value & (bytes - 1) ||
        !maps_one_page(phys_to_virt(table), mm->mode->entry_bytes, first, level_bytes(part.level)))
        return false;

    pte_exchange(mm, &large, first | PTE_LARGE | PTE_ACCESSED | PTE_DIRTY);
    tlb_gather_page(gather, virt_addr(virt.value & ~(bytes - 1)), bytes, first);
    tlb_gather_table(gather, table, virt);
    return true;
}
