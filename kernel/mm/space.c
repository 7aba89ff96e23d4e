/*
 * space.c: address spaces: made, copied by fork, destroyed. Hardware-free: see pgtable.h.
 */
#include <mm/buddy.h>
#include <mm/pgtable.h>
#include <mm/table_frames.h>
#include <mm/tlb.h>

static void *root_slot(const struct mm *mm, uint32_t index) {
    return (uint8_t *)phys_to_virt(mm->root) + index * mm->mode->entry_bytes;
}

/* The first root entry of the kernel half. */
static uint32_t kernel_entries(const struct mm *mm) {
    return level_index(&mm->mode->level[0], virt_addr(mm->mode->user_end));
}

static void copy_kernel_half(const struct mm *mm) {
    const unsigned entry_bytes = mm->mode->entry_bytes;
    const uint32_t first = kernel_entries(mm), end = mm->mode->level[0].last_index + 1;
    const uint8_t *from = root_slot(&kernel_mm, first);
    uint8_t *to = root_slot(mm, first), *const to_end = root_slot(mm, end);
    int used = 0;

    for (; to < to_end; from += entry_bytes, to += entry_bytes) {
        uint64_t value = pte_read(from, entry_bytes);
        if (value == 0) continue;
        pte_fill(to, entry_bytes, value);
        used++;
    }
    table_count(root_slot(mm, 0), used);
}

/* The tables of the user half that the root always has: PAE. False if there is no frame for one. */
static bool make_fixed_tables(const struct mm *mm) {
    const struct paging_mode *mode = mm->mode;

    for (uintptr_t at = mode->fixed_start; at < mode->user_end; at += level_bytes(&mode->level[0]))
        if (pte_make(mm, virt_addr(at), 1).level == mode->level) return false;
    return true;
}

enum map_error pt_create(struct mm *mm) {
    *mm = (struct mm){kernel_mm.mode, table_alloc(), false};
    if (mm->root.value == 0) return MAP_NO_MEMORY;
    if (!make_fixed_tables(mm)) {
        pt_free(mm);
        return MAP_NO_MEMORY;
    }
    copy_kernel_half(mm);
    mm->sealed = true;
    return MAP_OK;
}

void pt_free(struct mm *mm) {
    const uint8_t *const end = root_slot(mm, kernel_entries(mm));

    for (const uint8_t *slot = root_slot(mm, 0); slot < end; slot += mm->mode->entry_bytes) {
        uint32_t low = (uint32_t)pte_read(slot, 4);
        if (low) table_free(pte_table(low));
    }
    table_free(mm->root);
    mm->root = phys_addr(0);
}

void pt_destroy(struct mm *mm, void (*swap_put)(uint64_t value)) {
    struct tlb_gather gather;

    tlb_gather_start(&gather, mm);
    pt_unmap_free(&gather, virt_addr(0), mm->mode->user_end, swap_put);
    tlb_gather_finish(&gather);
    pt_free(mm);
}

/* ---- fork ---- */

struct copy {
    struct tlb_gather *parent;
    const struct mm *child;
    uint64_t clear;
    void (*swap_get)(uint64_t value);
    struct pte last; /* the child's entry that was found last, and its address */
    virt_addr_t last_virt;
};

/* The child's entry for an address. Most are in the same table as the one before. */
static struct pte find_target(struct copy *copy, const struct pte *from, virt_addr_t virt) {
    const struct paging_level *level = from->level;
    const unsigned entry_bytes = copy->child->mode->entry_bytes;
    uint32_t index = level_index(level, virt), last = level_index(level, copy->last_virt);

    if (copy->last.level == level && level->shift == PAGE_SHIFT &&
        (virt.value ^ copy->last_virt.value) >> level[-1].shift == 0) {
        copy->last.slot = (uint8_t *)copy->last.slot + (index - last) * entry_bytes;
        copy->last.value = 0;
    } else {
        copy->last = pte_make(copy->child, virt, (unsigned)(level - copy->child->mode->level));
    }
    copy->last_virt = virt;
    return copy->last;
}

static enum map_error copy_one(const struct pte *pte, virt_addr_t virt, uintptr_t bytes,
                               void *with) {
    struct copy *copy = with;
    const struct mm *parent = copy->parent->mm;

    if (pte->value == 0) return MAP_OK;
    struct pte to = find_target(copy, pte, virt);
    if (to.level != pte->level) return MAP_NO_MEMORY;
    uint64_t value = pte_read(pte->slot, parent->mode->entry_bytes);
    /* A new table took memory, and the page went for it. Another of the same table did not (clock.c): so the
     * child's does not stay empty. */
    if (value == 0) return MAP_OK;
    if (value & PTE_PRESENT) {
        get_page(pfn_to_page(phys_to_pfn(pte_phys(parent->mode, value))));
        if (value & copy->clear) {
            value = pte_change(parent, pte, 0, copy->clear) & ~copy->clear;
            tlb_gather_page(copy->parent, virt, bytes, value);
        }
    } else {
        copy->swap_get(value);
    }
    pte_set(copy->child, &to, value);
    return MAP_OK;
}

enum map_error pt_copy(struct tlb_gather *parent, const struct mm *child, virt_addr_t virt,
                       uintptr_t bytes, bool private, void (*swap_get)(uint64_t value)) {
    struct copy copy = {parent, child, private ? PTE_WRITE : 0, swap_get, {NULL, NULL, 0}, virt};
    return pt_walk(parent->mm, virt, bytes, copy_one, &copy);
}
