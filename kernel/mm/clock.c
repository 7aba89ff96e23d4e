/*
 * clock.c: one hand over the page tables of all spaces. See clock.h. Hardware-free.
 */
#include <mm/clock.h>
#include <mm/user_pages.h>

#define TURNS 2 /* whole ones, after the rest of one: to clear A, and to find it clear */

static struct clock_hand hand;

/* One space, from the hand on. */
struct sweep {
    struct tlb_gather gather;
    struct mm_struct *mm;
    const struct vm_area_struct *area;
    enum zone_id wanted;
    unsigned left; /* entries still to take out */
    uint32_t scanned;
};

static void sweep_space(struct sweep *sweep);

unsigned clock_take_out(unsigned pages, enum zone_id wanted, uint32_t *scanned) {
    struct sweep sweep = {.wanted = wanted, .left = pages};

    for (unsigned turns = 0; sweep.left && turns < TURNS;) {
        if (!hand.mm) {
            hand = (struct clock_hand){mm_first(), 0};
            turns++;
        }
        if (!hand.mm) break;
        sweep_space(&sweep);
    }
    *scanned += sweep.scanned;
    return pages - sweep.left;
}

static enum map_error look_at(const struct pte *pte, virt_addr_t virt, uintptr_t bytes, void *with);

static void sweep_space(struct sweep *sweep) {
    struct mm_struct *mm = sweep->mm = hand.mm;

    tlb_gather_start(&sweep->gather, &mm->pt);
    while (sweep->left && (sweep->area = vma_find(mm, hand.address))) {
        uint32_t start = sweep->area->start, end = sweep->area->end;
        if (start < hand.address) start = hand.address;
        hand.address = end;
        if (sweep->area->flags & VM_LOCKED) continue;
        pt_walk(&mm->pt, virt_addr(start), end - start, look_at, sweep);
    }
    tlb_gather_finish(&sweep->gather);
    if (sweep->left) hand = (struct clock_hand){mm->next_space, 0};
}

static bool take_out(struct sweep *sweep, const struct pte *pte, virt_addr_t virt);

static enum map_error look_at(const struct pte *pte, virt_addr_t virt, uintptr_t bytes,
                              void *with) {
    struct sweep *sweep = with;

    (void)bytes;
    if (!pte_has_frame(pte->value)) return MAP_OK;
    if (page_zone(entry_frame(sweep->mm->pt.mode, pte->value)) > sweep->wanted) return MAP_OK;
    sweep->scanned++;
    if (pte->value & PTE_ACCESSED) {
        uint64_t old = pte_change(&sweep->mm->pt, pte, 0, PTE_ACCESSED);
        if (old & PTE_PRESENT) tlb_gather_page(&sweep->gather, virt, PAGE_SIZE, old);
    } else if (take_out(sweep, pte, virt) && --sweep->left == 0) {
        hand.address = (uint32_t)virt.value + PAGE_SIZE;
        return MAP_STOP;
    }
    return MAP_OK;
}

/* A page of a file on a disk. The last entry of a table stays: no table goes here, and without entries
 * nobody would free it. */
static bool forget(struct sweep *sweep, struct page *page, const struct pte *pte,
                   virt_addr_t virt) {
    if (table_count(pte->slot, 0) == 1) return false;
    uint64_t old = pte_exchange(&sweep->mm->pt, pte, 0);
    if (old & PTE_PRESENT) tlb_gather_page(&sweep->gather, virt, PAGE_SIZE, old);
    user_page_count(sweep->mm, sweep->area, page, -1);
    tlb_gather_frame(&sweep->gather, page_to_pfn(page));
    return true;
}

static bool take_out(struct sweep *sweep, const struct pte *pte, virt_addr_t virt) {
    struct page *page = entry_frame(sweep->mm->pt.mode, pte->value);

    if (page_owner(page) == OWNER_CACHE) return forget(sweep, page, pte, virt);
    return user_page_out(&sweep->gather, sweep->mm, sweep->area, pte, virt);
}

void clock_space_ends(const struct mm_struct *mm) {
    if (hand.mm == mm) hand = (struct clock_hand){mm->next_space, 0};
}

struct clock_hand clock_hand(void) {
    return hand;
}
