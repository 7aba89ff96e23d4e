/*
 * kmap.c: kmap() and kmap_atomic().
 *
 * A place of kmap() stays mapped when its last user is gone: the next one may want the same frame.
 * Only when the place is needed for another frame is it unmapped, with a flush.
 */
#include <cpu/panic.h>
#include <lib/irq.h>
#include <lib/string.h>
#include <mm/direct_map.h>
#include <mm/kmap.h>
#include <mm/mm.h>
#include <mm/tlb.h>

#define DATA (PTE_PRESENT | PTE_WRITE | PTE_GLOBAL | PTE_NX)
#define UNCACHED (PTE_PCD | PTE_PWT)
#define FIX_SCREEN FIXMAP_START /* never unmapped, and so the table of the fixmap stays */
#define FIX_ATOMIC (FIXMAP_START + PAGE_SIZE)

static struct {
    struct page *page; /* mapped here, even if nobody uses it now */
    uint32_t users;
} places[KMAP_PAGES];
static unsigned next_place;
static unsigned atomic_depth;

static virt_addr_t place_address(unsigned place) {
    return virt_addr(KMAP_START + place * PAGE_SIZE);
}

static bool in_direct_map(const struct page *page) {
    return page_zone(page) != ZONE_HIGHMEM;
}

static enum page_error map_page(virt_addr_t virt, const struct page *page) {
    return page_map(&kernel_tables, virt, page_to_phys(page), PAGE_SIZE, DATA);
}

static void unmap_page(virt_addr_t virt) {
    struct tlb_range range = {.any = false};
    page_unmap(&kernel_tables, virt, PAGE_SIZE, &range);
    tlb_flush_range(&range);
}

void kmap_init(void) {
    if (page_map(&kernel_tables, virt_addr(FIX_SCREEN), phys_addr(VGA_TEXT_ADDR), PAGE_SIZE,
                 DATA | UNCACHED))
        panic("kmap: no page table for the fixmap");
}

/* The place of this frame; KMAP_PAGES if it has none. */
static unsigned find_place(const struct page *page) {
    unsigned place = 0;
    while (place < KMAP_PAGES && places[place].page != page) place++;
    return place;
}

/* A place that nobody uses, with nothing mapped; KMAP_PAGES if there is none. */
static unsigned free_place(void) {
    for (unsigned i = 0; i < KMAP_PAGES; i++) {
        unsigned place = next_place++ % KMAP_PAGES;
        if (places[place].users) continue;
        if (places[place].page) unmap_page(place_address(place));
        places[place].page = NULL;
        return place;
    }
    return KMAP_PAGES;
}

void *kmap(struct page *page) {
    if (in_direct_map(page)) return page_address(page);

    uint32_t eflags = irq_save();
    void *address = NULL;
    unsigned place = find_place(page);
    if (place == KMAP_PAGES) {
        place = free_place();
        if (place < KMAP_PAGES && map_page(place_address(place), page) == PAGE_OK)
            places[place].page = page;
        else
            place = KMAP_PAGES;
    }
    if (place < KMAP_PAGES) {
        places[place].users++;
        address = (void *)place_address(place).value;
    }
    irq_restore(eflags);
    return address;
}

void kunmap(struct page *page) {
    if (in_direct_map(page)) return;

    uint32_t eflags = irq_save();
    unsigned place = find_place(page);
    if (place == KMAP_PAGES || places[place].users == 0)
        panic("kunmap: frame %x is not mapped", page_to_pfn(page).value);
    places[place].users--;
    irq_restore(eflags);
}

void *kmap_atomic(struct page *page) {
    if (in_direct_map(page)) return page_address(page);

    uint32_t eflags = irq_save();
    if (atomic_depth == KMAP_ATOMIC_MAX) panic("kmap_atomic: nested too deep");
    virt_addr_t virt = virt_addr(FIX_ATOMIC + atomic_depth++ * PAGE_SIZE);
    if (map_page(virt, page)) panic("kmap_atomic: %08x is taken", (uint32_t)virt.value);
    irq_restore(eflags);
    return (void *)virt.value;
}

void kunmap_atomic(void *address) {
    uint32_t virt = (uint32_t)address;
    if (virt < FIXMAP_START) return; /* in the direct map */

    uint32_t eflags = irq_save();
    if (atomic_depth == 0 || virt != FIX_ATOMIC + (atomic_depth - 1) * PAGE_SIZE)
        panic("kunmap_atomic: %08x is not the last one mapped", virt);
    atomic_depth--;
    unmap_page(virt_addr(virt));
    irq_restore(eflags);
}

uint32_t kmap_used(void) {
    uint32_t used = 0;
    for (unsigned place = 0; place < KMAP_PAGES; place++) used += places[place].users > 0;
    return used;
}

void page_zero(struct page *page) {
    void *address = kmap_atomic(page);
    memset(address, 0, PAGE_SIZE);
    kunmap_atomic(address);
}
