/*
 * kmap.c: kmap() and kmap_atomic(). Their tables are there from the start and stay, so a frame is
 * mapped by filling one entry, whose slot is known.
 *
 * A place of kmap() stays mapped when its last user is gone: the next one may want the same frame.
 * Only when the place is needed for another frame is it unmapped, with a flush. Places that hold a
 * frame are found through chains by frame number.
 */
#include <cpu/control.h>
#include <cpu/panic.h>
#include <lib/irq.h>
#include <lib/string.h>
#include <mm/direct_map.h>
#include <mm/kmap.h>
#include <mm/pgtable.h>

#define FIX_SCREEN FIXMAP_START
#define FIX_ATOMIC (FIXMAP_START + PAGE_SIZE)
#define CHAINS 256
#define NONE KMAP_PAGES

static struct {
    struct page *page; /* mapped here, even if nobody uses it now */
    uint32_t users;
    uint32_t next; /* place in the same chain */
} places[KMAP_PAGES];
static uint32_t chains[CHAINS]; /* the first place */
static unsigned next_place;
static volatile unsigned atomic_depth;

static void *kmap_slots, *atomic_slots; /* of the first address of each */
static unsigned entry_bytes;
static uint64_t data_flags;

static bool in_direct_map(const struct page *page) {
    return page_zone(page) != ZONE_HIGHMEM;
}

void kmap_init(void) {
    if (pt_map(&kernel_mm, virt_addr(FIX_SCREEN), phys_addr(VGA_TEXT_ADDR), PAGE_SIZE,
               MAP_KERNEL_DATA | MAP_UNCACHED))
        panic("kmap: no page table for the fixmap");
    if (zone_stats(ZONE_HIGHMEM)->managed) {
        kmap_slots = pte_make(&kernel_mm, virt_addr(KMAP_START), PT_LAST).slot;
        table_count(kmap_slots, 1); /* what is mapped later is not counted: never an empty table */
    }
    atomic_slots = pte_find(&kernel_mm, virt_addr(FIX_ATOMIC)).slot;
    entry_bytes = kernel_mm.mode->entry_bytes;
    data_flags = MAP_KERNEL_DATA & kernel_mm.mode->usable_flags;
    for (unsigned i = 0; i < CHAINS; i++) chains[i] = NONE;
}

static void *slot_of(void *slots, unsigned number) {
    return (uint8_t *)slots + number * entry_bytes;
}

static void map(void *slot, const struct page *page) {
    pte_fill(slot, entry_bytes, page_to_phys(page).value | data_flags);
}

static void unmap(void *slot, uint32_t address) {
    pte_clear(slot, entry_bytes);
    invlpg(address);
}

static uint32_t place_address(unsigned place) {
    return KMAP_START + place * PAGE_SIZE;
}

/* The link to the place of this frame, or to NONE at the end of its chain. */
static uint32_t *find_link(const struct page *page) {
    uint32_t *link = &chains[page_to_pfn(page).value % CHAINS];
    while (*link != NONE && places[*link].page != page) link = &places[*link].next;
    return link;
}

/* A place that nobody uses, with nothing mapped; NONE if there is none. */
static unsigned free_place(void) {
    for (unsigned i = 0; i < KMAP_PAGES; i++) {
        unsigned place = next_place++ % KMAP_PAGES;
        if (places[place].users) continue;
        if (places[place].page) {
            uint32_t *link = find_link(places[place].page);
            *link = places[place].next;
            unmap(slot_of(kmap_slots, place), place_address(place));
        }
        return place;
    }
    return NONE;
}

/* Maps a frame that has no place yet. */
static unsigned new_place(struct page *page) {
    unsigned place = free_place();
    if (place == NONE) return NONE;
    uint32_t *chain = &chains[page_to_pfn(page).value % CHAINS];
    places[place].page = page;
    places[place].next = *chain;
    *chain = place;
    map(slot_of(kmap_slots, place), page);
    return place;
}

void *kmap(struct page *page) {
    if (in_direct_map(page)) return page_address(page);

    uint32_t eflags = irq_save();
    unsigned place = *find_link(page);
    if (place == NONE) place = new_place(page);
    if (place != NONE) places[place].users++;
    irq_restore(eflags);
    return place == NONE ? NULL : (void *)place_address(place);
}

void kunmap(struct page *page) {
    if (in_direct_map(page)) return;

    uint32_t eflags = irq_save();
    unsigned place = *find_link(page);
    if (place == NONE || places[place].users == 0)
        panic("kunmap: frame %x is not mapped", page_to_pfn(page).value);
    places[place].users--;
    irq_restore(eflags);
}

/* Without irq_save(): a handler in the middle leaves the depth as it was, and its places empty.
 * But the place has to be taken before it is filled, and emptied before it is given back. */
void *kmap_atomic(struct page *page) {
    if (in_direct_map(page)) return page_address(page);

    unsigned depth = atomic_depth;
    if (depth == KMAP_ATOMIC_MAX) panic("kmap_atomic: nested too deep");
    atomic_depth = depth + 1;
    map(slot_of(atomic_slots, depth), page);
    return (void *)(FIX_ATOMIC + depth * PAGE_SIZE);
}

void kunmap_atomic(void *address) {
    uint32_t virt = (uint32_t)address;
    if (virt < FIXMAP_START) return; /* in the direct map */

    unsigned depth = atomic_depth - 1;
    if (virt != FIX_ATOMIC + depth * PAGE_SIZE)
        panic("kunmap_atomic: %08x is not the last one mapped", virt);
    unmap(slot_of(atomic_slots, depth), virt);
    atomic_depth = depth;
}

uint32_t kmap_used(void) {
    uint32_t used = 0;
    for (unsigned place = 0; place < KMAP_PAGES; place++) used += places[place].users > 0;
    return used;
}

void page_zero_from(struct page *page, uint32_t from) {
    uint8_t *memory = kmap_atomic(page);
    memset(memory + from, 0, PAGE_SIZE - from);
    kunmap_atomic(memory);
}

void page_zero(struct page *page) {
    page_zero_from(page, 0);
}
