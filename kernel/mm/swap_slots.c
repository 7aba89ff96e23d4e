/*
 * swap_slots.c: which slots of a swap area are in use. Hardware-free.
 *
 * Pages that go out one after the other get slots that lie side by side: so they are written with
 * one request, and the neighbours of a page that comes back are those that were in use with it. A
 * cluster is begun where 32 slots in a row are free, and filled in order; if there is none, any slot
 * will do.
 */
#include <lib/string.h>
#include <mm/buddy.h>
#include <mm/swap_area.h>
#include <mm/vmalloc.h>

struct swap_area swap_areas[SWAP_AREAS];

/* ---- the arrays ---- */

static uint32_t words(uint32_t slots) {
    return (slots + SWAP_CLUSTER - 1) / SWAP_CLUSTER;
}

/* One block for all of them; the widest elements come first. */
bool swap_slots_make(struct swap_area *area, uint32_t slots) {
    uint32_t count = words(slots);
    size_t bytes = slots * sizeof(struct page *) + 3 * count * sizeof *area->used +
                   slots * sizeof *area->entries;
    struct page **block = vzalloc(bytes);

    if (!block) return false;
    area->cached = block;
    area->used = (uint32_t *)(block + slots);
    area->unreliable = area->used + count;
    area->in_memory = area->unreliable + count;
    area->entries = (uint16_t *)(area->in_memory + count);
    area->slots = slots;
    area->in_use = area->bad = 0;
    area->free_clusters = count;
    area->next = area->hand = 0;
    for (uint32_t slot = slots; slot < count * SWAP_CLUSTER; slot++) swap_set_bit(area->used, slot);
    if (area->used[count - 1]) area->free_clusters--;
    if (!area->used[0]) area->free_clusters--;
    swap_set_bit(area->used, 0);
    return true;
}

void swap_slots_free(struct swap_area *area) {
    vfree(area->cached);
}

/* ---- one slot ---- */

/* The first slot of a cluster that is free as a whole, from a word on, round about. */
static uint32_t find_cluster(const struct swap_area *area, uint32_t word) {
    while (area->used[word]) word = (word + 1) % words(area->slots);
    return word * SWAP_CLUSTER;
}

/* Any slot that is free, from a word on, round about. */
static uint32_t find_slot(const struct swap_area *area, uint32_t word) {
    while (area->used[word] == ~0u) word = (word + 1) % words(area->slots);
    return word * SWAP_CLUSTER + (uint32_t)__builtin_ctz(~area->used[word]);
}

uint32_t swap_slots_free_in(const struct swap_area *area) {
    if (!area->device || area->closed || area->dead) return 0;
    return area->slots - 1 - area->in_use - area->bad;
}

uint32_t swap_slot_take(struct swap_area *area) {
    uint32_t slot = area->next, word;

    if (swap_slots_free_in(area) == 0) return 0;
    word = slot / SWAP_CLUSTER % words(area->slots);
    if (slot % SWAP_CLUSTER == 0 || swap_bit(area->used, slot))
        slot = area->free_clusters ? find_cluster(area, word) : find_slot(area, word);
    if (!area->used[slot / SWAP_CLUSTER]) area->free_clusters--;
    swap_set_bit(area->used, slot);
    area->in_use++;
    area->next = slot + 1;
    return slot;
}

/* A slot that cannot be relied on is not given again. */
static void free_slot(struct swap_area *area, uint32_t slot) {
    area->in_use--;
    if (swap_bit(area->unreliable, slot)) {
        area->bad++;
        return;
    }
    swap_clear_bit(area->used, slot);
    if (!area->used[slot / SWAP_CLUSTER]) area->free_clusters++;
}

void swap_slot_settle(struct swap_area *area, uint32_t slot) {
    struct page *page = area->cached[slot];

    if (area->entries[slot] || (page && page->count > 1)) return;
    if (page) {
        swap_cache_remove(area, slot);
        put_page(page);
    }
    free_slot(area, slot);
}

/* ---- entries ---- */

void swap_get(uint64_t value) {
    swap_area_of(value)->entries[pte_swap_place(value)]++;
}

void swap_put(uint64_t value) {
    struct swap_area *area = swap_area_of(value);
    uint32_t slot = pte_swap_place(value);

    area->entries[slot]--;
    swap_slot_settle(area, slot);
}

uint32_t swap_entries(uint64_t value) {
    return swap_area_of(value)->entries[pte_swap_place(value)];
}

/* ---- looking ---- */

static uint32_t usable(const struct swap_area *area) {
    if (!area->device || area->closed) return 0;
    return area->slots - 1 - area->bad;
}

uint32_t swap_total(void) {
    uint32_t total = 0;

    for (unsigned i = 0; i < SWAP_AREAS; i++) total += usable(&swap_areas[i]);
    return total;
}

uint32_t swap_free(void) {
    uint32_t free = 0;

    for (unsigned i = 0; i < SWAP_AREAS; i++) free += swap_slots_free_in(&swap_areas[i]);
    return free;
}

/* Half, as in Linux (vm_swap_full()). */
bool swap_is_short(void) {
    return swap_free() < swap_total() / 2;
}

bool swap_view(unsigned index, struct swap_view *view) {
    const struct swap_area *area = &swap_areas[index];

    if (index >= SWAP_AREAS || !area->device) return false;
    *view = (struct swap_view){area->device, area->slots - 1 - area->bad, area->in_use,
                               area->priority};
    return true;
}
