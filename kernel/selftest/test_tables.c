/*
 * test_tables.c: page-table operations on the tables that this kernel runs on, with the TLB in
 * between. A flush that is missing shows: as the contents of the frame that was there before, or as
 * a page fault.
 */
#include <selftest/accounting.h>
#include <selftest/chain.h>
#include <mm/place.h>
#include <selftest/test.h>

#define FEW_ORDER 0
#define MANY_ORDER 6 /* 64 pages: more than are flushed one by one */

/* One block at these addresses: seen there, and gone with its pages. */
static void show_block(virt_addr_t virt, const struct page *block, uint32_t pages, uint32_t start) {
    /* The last table comes and goes in PAE; in classic mode it hangs in the root, and stays. */
    uint32_t tables = accounting_before(OWNER_PAGE_TABLE) + kernel_mm.mode->levels - 2;
    uint32_t wrong = 0;

    if (!HAVE(place_map(virt, block, pages * PAGE_SIZE) == MAP_OK)) return;
    CHECK_EQUAL(pages_of(OWNER_PAGE_TABLE), tables);
    for (uint32_t i = 0; i < pages; i++) {
        wrong += *place_word(virt, i) != (start | i);
        *place_word(virt, i) = ~i;
        wrong += *frame_word(block, i) != ~i;
    }
    CHECK_EQUAL(place_unmap(virt, pages * PAGE_SIZE), MAP_OK);
    for (uint32_t i = 0; i < pages; i++)
        wrong += place_walk(virt_addr(virt.value + i * PAGE_SIZE)).present;
    CHECK_EQUAL(wrong, 0);
}

static struct page *new_block(unsigned order, uint32_t start) {
    struct page *block = alloc_pages(GFP_KERNEL, order, OWNER_OTHER);
    if (!HAVE(block)) return NULL;
    for (uint32_t i = 0; i < 1u << order; i++) *frame_word(block, i) = start | i;
    return block;
}

/* Two blocks of frames, one after the other, at the same addresses. */
static void frames_change(unsigned order) {
    struct vm_area area;
    uint32_t pages = 1u << order;

    accounting_start();
    virt_addr_t virt = place_take(&area, pages * PAGE_SIZE);
    if (!HAVE(virt.value)) return;
    struct page *one = new_block(order, 0), *other = new_block(order, 1 << 16);
    if (one && other) {
        show_block(virt, one, pages, 0);
        show_block(virt, other, pages, 1 << 16);
    }
    if (one) free_pages(one, order);
    if (other) free_pages(other, order);
    place_give(&area);
    accounting_check();
}

static void one_page(void) {
    uint32_t flushes = tlb_counts.page;
    frames_change(FEW_ORDER);
    CHECK_EQUAL(tlb_counts.page, flushes + 2);
}

static void many_pages(void) {
    uint32_t ranges = tlb_counts.range, pages = tlb_counts.page;
    frames_change(MANY_ORDER);
    CHECK_EQUAL(tlb_counts.range, ranges + 2);
    CHECK_EQUAL(tlb_counts.page, pages); /* all at once instead */
}

/* Addresses for 2^order pages, and as many frames. False, and nothing kept, for want of one. */
static bool take_block(struct vm_area *area, unsigned order, virt_addr_t *virt,
                       struct page **block) {
    *virt = place_take(area, PAGE_SIZE << order);
    if (!HAVE(virt->value)) return false;
    *block = alloc_pages(GFP_KERNEL, order, OWNER_OTHER);
    if (!HAVE(*block)) place_give(area);
    return *block != NULL;
}

static void give_block(const struct vm_area *area, unsigned order, struct page *block) {
    free_pages(block, order);
    place_give(area);
}

/* Some pages lose the right to write and get it back. In between they are read, so that the TLB
 * holds the fewer rights, with which the last writes would fault. */
static void protect_some(virt_addr_t virt, const struct page *block, uint32_t pages) {
    const uint32_t first = 4, end = 8;
    virt_addr_t some = virt_addr(virt.value + first * PAGE_SIZE);
    uint32_t wrong = 0;

    for (uint32_t i = 0; i < pages; i++) *place_word(virt, i) = i;
    CHECK_EQUAL(place_protect(some, (end - first) * PAGE_SIZE, 0, PTE_WRITE), MAP_OK);
    for (uint32_t i = 0; i < pages; i++) {
        struct translation found = place_walk(virt_addr(virt.value + i * PAGE_SIZE));
        wrong += !found.present || found.writable != (i < first || i >= end);
        wrong += *place_word(virt, i) != i;
    }
    CHECK_EQUAL(place_protect(some, (end - first) * PAGE_SIZE, PTE_WRITE, 0), MAP_OK);
    for (uint32_t i = 0; i < pages; i++) {
        *place_word(virt, i) = ~i;
        wrong += *frame_word(block, i) != ~i;
    }
    CHECK_EQUAL(wrong, 0);
}

static void protect(void) {
    struct vm_area area;
    struct page *block;
    virt_addr_t virt;
    const unsigned order = 4;

    accounting_start();
    if (!take_block(&area, order, &virt, &block)) return;
    if (HAVE(place_map(virt, block, PAGE_SIZE << order) == MAP_OK)) {
        protect_some(virt, block, 1u << order);
        place_unmap(virt, PAGE_SIZE << order);
    }
    give_block(&area, order, block);
    accounting_check();
}

static uint64_t used_bits(virt_addr_t virt) {
    return place_walk(virt).flags & (PTE_ACCESSED | PTE_DIRTY);
}

/* The processor sets A when it fills the TLB, D with the first write (SDM 3A §4.8): after a flush
 * it does so again, else not. */
static void accessed_and_dirty(void) {
    struct vm_area area;
    struct page *page;
    virt_addr_t virt;

    if (!take_block(&area, 0, &virt, &page)) return;
    for (unsigned i = 0; i < 2; i++) {
        if (!HAVE(place_map(virt, page, PAGE_SIZE) == MAP_OK)) break;
        CHECK(!(used_bits(virt) & PTE_DIRTY)); /* A may be set by speculation (§4.8) */
        (void)*place_word(virt, 0);
        CHECK_EQUAL(used_bits(virt), PTE_ACCESSED);
        *place_word(virt, 0) = 1;
        CHECK_EQUAL(used_bits(virt), PTE_ACCESSED | PTE_DIRTY);
        place_protect(virt, PAGE_SIZE, 0, PTE_WRITE);
        CHECK_EQUAL(used_bits(virt), PTE_ACCESSED | PTE_DIRTY);
        place_unmap(virt, PAGE_SIZE);
    }
    give_block(&area, 0, page);
}

/* Something is in the way, or the address is out of reach: nothing is mapped at all. */
static void all_or_nothing(void) {
    struct vm_area area;
    struct page *block;
    virt_addr_t virt;
    const unsigned order = 3;

    accounting_start();
    if (!take_block(&area, order, &virt, &block)) return;
    virt_addr_t last = virt_addr(virt.value + (PAGE_SIZE << order) - PAGE_SIZE);
    if (HAVE(place_map(last, block, PAGE_SIZE) == MAP_OK)) {
        CHECK_EQUAL(place_map(virt, block, PAGE_SIZE << order), MAP_IN_USE);
        CHECK(!place_walk(virt).present);
        place_unmap(last, PAGE_SIZE);
    }

    uint64_t reach = kernel_mm.mode->reach;
    CHECK_EQUAL(
        pt_map(&kernel_mm, virt, phys_addr(reach - PAGE_SIZE), 2 * PAGE_SIZE, MAP_KERNEL_DATA),
        MAP_TOO_HIGH);
    CHECK(!place_walk(virt).present);
    give_block(&area, order, block);
    accounting_check();
}

/* Not a frame is left, and there is no table yet for these addresses. */
static void map_without_memory(struct page *page) {
    const virt_addr_t virt = virt_addr(0x40000000);
    struct chain all = {0};

    chain_take_all(&all, EVERYTHING, 0);
    if (HAVE(pages_of(OWNER_FREE) == 0))
        CHECK_EQUAL(place_map(virt, page, PAGE_SIZE), MAP_NO_MEMORY);
    CHECK(!place_walk(virt).present);
    chain_free_all(&all);
    if (HAVE(place_map(virt, page, PAGE_SIZE) == MAP_OK)) place_unmap(virt, PAGE_SIZE);
}

/* In a space of its own. */
static void no_memory(void) {
    struct mm own;

    accounting_start();
    if (!HAVE(pt_create(&own) == MAP_OK)) return;
    struct page *page = alloc_pages(GFP_KERNEL, 0, OWNER_OTHER);
    if (HAVE(page)) {
        place_mm = &own;
        map_without_memory(page);
        place_mm = &kernel_mm;
        free_pages(page, 0);
    }
    pt_destroy(&own, NULL);
    accounting_check();
}

/* No root entry of the kernel half is made or changed any more: each space has a copy. */
static void root_is_fixed(void) {
    accounting_start();
    struct page *page = alloc_pages(GFP_KERNEL, 0, OWNER_OTHER);
    if (!HAVE(page)) return;
    uintptr_t missing = kernel_mm.mode->fixed_start ? VMALLOC_START - PAGE_SIZE : 0x40000000;
    CHECK_EQUAL(place_map(virt_addr(missing), page, PAGE_SIZE), MAP_ROOT_FIXED);
    free_pages(page, 0);
    accounting_check();
}

static const struct test_case cases[] = {
    {"one_page", one_page},
    {"many_pages", many_pages},
    {"protect", protect},
    {"accessed_and_dirty", accessed_and_dirty},
    {"all_or_nothing", all_or_nothing},
    {"no_memory", no_memory},
    {"root_is_fixed", root_is_fixed},
};

const struct test_suite suite_tables = TEST_SUITE("tables", cases);
