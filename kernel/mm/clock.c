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

    for (unsigned turns = 0; sweep.left && (hand.mm || turns < TURNS);) {
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
    } else if (user_page_out(&sweep->gather, sweep->mm, sweep->area, pte, virt) && --sweep->left == 0) {
        hand.address = (uint32_t)virt.value + PAGE_SIZE;
        return MAP_STOP;
    }
    return MAP_OK;
}

void clock_space_ends(const struct mm_struct *mm) {
    if (hand.mm == mm) hand = (struct clock_hand){mm->next_space, 0};
}

struct clock_hand clock_hand(void) {
    return hand;
}
