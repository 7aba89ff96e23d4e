/*
 * swap_off.c: a swap area ends: all that lies there comes back into memory. Hardware-free.
 *
 * Who has a slot is not known, only how many have: so all page tables are gone through, as Linux does
 * (try_to_unuse()), and all files of shmem.h. A part at a time; other tasks run in between, and then nothing found before holds.
 */
#include <lib/errno.h>
#include <lib/printk.h>
#include <mm/shmem.h>
#include <mm/swap_area.h>
#include <mm/user_pages.h>
#include <proc/schedule.h>

#define PAGES_AT_ONCE 256u

/* At work there: until the task that is has seen a refusal, nobody else begins. */
static bool ending[SWAP_AREAS];

static bool is_room(const struct swap_area *area);
static int bring_back(const struct swap_area *area);
static void empty_cache(struct swap_area *area);

int swap_off(struct block_device *device) {
    struct swap_area *area = swap_areas;
    int error = 0;

    while (area < swap_areas + SWAP_AREAS && area->device != device) area++;
    if (!device || area == swap_areas + SWAP_AREAS || ending[area - swap_areas])
        return -EINVAL;
    if (!is_room(area)) return -ENOMEM;
    ending[area - swap_areas] = area->closed = true;
    while (!error && (area->in_use || area->transfers)) {
        error = bring_back(area);
        if (!area->transfers) empty_cache(area);
        if (!error && signal_pending()) error = -EINTR;
        task_yield();
        if (!area->closed) error = -ENOMEM;
    }
    ending[area - swap_areas] = area->closed = false;
    if (error) return error;
    area->device = NULL;
    swap_slots_free(area);
    block_release(device);
    printk("swap: %s: not used any more\n", device->name);
    return 0;
}

bool swap_off_refuse(void) {
    bool any = false;

    for (struct swap_area *area = swap_areas; area < swap_areas + SWAP_AREAS; area++) {
        any |= area->closed;
        area->closed = false;
    }
    return any;
}

/* Would all that is there have a frame, or a slot elsewhere? */
static bool is_room(const struct swap_area *area) {
    uint32_t needed = area->in_use, elsewhere = swap_free() - swap_slots_free_in(area);

    return needed <= pages_of(OWNER_FREE) + elsewhere + swap_cached();
}

/* ---- out of the page tables ---- */

struct search {
    const struct swap_area *area;
    struct mm_struct *mm;
    const struct vm_area_struct *vma;
    uint32_t left; /* pages to bring in before the others have their turn */
    int error;
};

/* The disk is waited for with HLT, so that the space is the same afterwards. */
static int bring_back_one(const struct search *search, virt_addr_t virt, uint64_t value) {
    struct page *page;
    int error = swap_in(value, BLOCK_HLT, &page);
    struct pte pte = pte_find(&search->mm->pt, virt);

    if (error) return error;
    if (pte.value == value)
        user_page_in(search->mm, search->vma, &pte, page);
    else
        user_page_put(page);
    return 0;
}

/* Ends the walk at an error, and when it is enough for now. */
static enum map_error bring_one(const struct pte *pte, virt_addr_t virt, uintptr_t bytes,
                                void *with) {
    struct search *search = with;

    (void)bytes;
    if (!pte_is_swapped(pte->value) || swap_area_of(pte->value) != search->area) return MAP_OK;
    search->error = bring_back_one(search, virt, pte->value);
    return search->error || --search->left == 0 ? MAP_STOP : MAP_OK;
}

static int bring_back(const struct swap_area *area) {
    struct search search = {.area = area, .left = PAGES_AT_ONCE};

    for (struct mm_struct *mm = mm_first(); mm; mm = mm->next_space) {
        search.mm = mm;
        search.vma = mm->first;
        for (; mm->swapped && search.vma; search.vma = search.vma->next)
            if (pt_walk(&mm->pt, virt_addr(search.vma->start),
                        search.vma->end - search.vma->start, bring_one, &search))
                return search.error;
    }
    return shmem_bring_back(area, &search.left);
}

/* ---- out of the cache ---- */

/* Frames that no entry on the disk's side names any more lose their slots; who has them, has them alone
 * or shared as after fork(). */
static void empty_cache(struct swap_area *area) {
    for (uint32_t slot = 1; slot < area->slots; slot++) {
        struct page *page = area->cached[slot];
        if (!page || area->entries[slot]) continue;
        swap_cache_remove(area, slot);
        put_page(page);
        swap_slot_settle(area, slot);
    }
}
