/*
 * swap_cache.c: frames that have a slot in a swap area. Hardware-free.
 *
 * A frame is here from when its first entry becomes a swap entry, until it is written and nobody has
 * it mapped, or one process alone has it and writes to it. So what two processes share since fork()
 * is written once, and read once.
 */
#include <cpu/panic.h>
#include <mm/buddy.h>
#include <mm/swap_area.h>

static uint32_t frames;

uint32_t swap_cached(void) {
    return frames;
}

void swap_cache_enter(struct swap_area *area, uint32_t slot, struct page *page, unsigned dirty) {
    area->cached[slot] = page;
    swap_set_bit(area->in_memory, slot);
    page->private = (void *)(uintptr_t)swap_slot_value(area, slot);
    page->flags |= PG_SWAPCACHE | dirty;
    frames++;
}

void swap_cache_remove(struct swap_area *area, uint32_t slot) {
    struct page *page = area->cached[slot];

    area->cached[slot] = NULL;
    swap_clear_bit(area->in_memory, slot);
    page->private = NULL;
    page->flags &= ~(uint32_t)(PG_SWAPCACHE | PG_DIRTY);
    frames--;
}

/* The area of the highest priority that has a free slot: one is filled after the other. */
static struct swap_area *area_to_fill(void) {
    struct swap_area *best = NULL;

    for (struct swap_area *area = swap_areas; area < swap_areas + SWAP_AREAS; area++)
        if (swap_slots_free_in(area) && (!best || area->priority > best->priority)) best = area;
    return best;
}

bool swap_cache_add(struct page *page) {
    if (page->flags & PG_SWAPCACHE) return true;
    struct swap_area *area = area_to_fill();
    if (!area) return false;
    get_page(page);
    swap_cache_enter(area, swap_slot_take(area), page, PG_DIRTY);
    return true;
}

struct page *swap_cache_find(uint64_t value) {
    struct page *page = swap_area_of(value)->cached[pte_swap_place(value)];

    if (page) get_page(page);
    return page;
}

bool swap_is_cached(uint64_t value) {
    return swap_area_of(value)->cached[pte_swap_place(value)];
}

void swap_put_page(struct page *page) {
    uint64_t value = swap_value(page);
    bool cached = page->flags & PG_SWAPCACHE;

    put_page(page);
    if (cached) swap_slot_settle(swap_area_of(value), pte_swap_place(value));
}

/* Two references are the caller's and the cache's. */
bool swap_take(struct page *page) {
    uint64_t value = swap_value(page);

    if (!(page->flags & PG_SWAPCACHE)) return page->count == 1;
    if (page->count != 2 || swap_entries(value)) return false;
    swap_cache_remove(swap_area_of(value), pte_swap_place(value));
    put_page(page);
    swap_slot_settle(swap_area_of(value), pte_swap_place(value));
    return true;
}
