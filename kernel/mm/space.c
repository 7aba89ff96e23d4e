/*
 * space.c: address spaces: made, copied by fork, destroyed. Hardware-free: see pgtable.h.
 */
#include <mm/buddy.h>
#include <mm/pgtable.h>
#include <mm/table_frames.h>
#include <mm/tlb.h>

static uint32_t root_entries(const struct mm *mm) {
    return mm->mode->level[0].last_index + 1;
}

static virt_addr_t root_address(const struct mm *mm, uint32_t index) {
    return virt_addr((uintptr_t)index << mm->mode->level[0].shift);
}

enum map_error pt_create(struct mm *mm) {
    *mm = (struct mm){kernel_mm.mode, table_alloc(), false};
    if (mm->root.value == 0) return MAP_NO_MEMORY;

    for (uint32_t i = 0; i < root_entries(mm); i++) {
        virt_addr_t virt = root_address(mm, i);
        struct pte pte = pte_find(mm, virt, 0);
        if (virt.value >= mm->mode->user_end) {
            uint64_t value = pte_find(&kernel_mm, virt, 0).value;
            if (value) pte_set(mm, &pte, value);
        } else if (virt.value >= mm->mode->fixed_start && pte_make(mm, virt, 1).level == pte.level) {
            pt_destroy(mm, NULL);
            return MAP_NO_MEMORY;
        }
    }
    mm->sealed = true;
    return MAP_OK;
}

void pt_destroy(struct mm *mm, void (*swap_put)(uint64_t value)) {
    struct tlb_gather gather;

    tlb_gather_start(&gather, mm);
    pt_unmap_free(&gather, virt_addr(0), mm->mode->user_end, swap_put);
    tlb_gather_finish(&gather);
    for (uint32_t i = 0; i < root_entries(mm); i++) {
        virt_addr_t virt = root_address(mm, i);
        uint64_t value = pte_find(mm, virt, 0).value;
        if (virt.value < mm->mode->user_end && value) table_free(pte_table(value));
    }
    table_free(mm->root);
    mm->root = phys_addr(0);
}

struct copy {
    struct tlb_gather *parent;
    const struct mm *child;
    uint64_t clear;
    void (*swap_get)(uint64_t value);
};

static enum map_error copy_one(const struct pte *pte, virt_addr_t virt, uintptr_t bytes,
                               void *with) {
    const struct copy *copy = with;
    const struct mm *parent = copy->parent->mm;

    if (pte->value == 0) return MAP_OK;
    struct pte to = pte_make(copy->child, virt, (unsigned)(pte->level - parent->mode->level));
    if (to.level != pte->level) return MAP_NO_MEMORY;
    uint64_t value = pte->value;
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
    struct copy copy = {parent, child, private ? PTE_WRITE : 0, swap_get};
    return pt_walk(parent->mm, virt, bytes, copy_one, &copy);
}
