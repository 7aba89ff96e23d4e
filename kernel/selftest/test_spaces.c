/*
 * test_spaces.c: address spaces on the processor: what one has in its lower half, what all share, and
 * pages that two of them share until one writes.
 */
#include <mm/place.h>
#include <mm/vmalloc.h>
#include <selftest/accounting.h>
#include <selftest/test.h>

#define LOWER virt_addr(0x40000000)
#define PAGES 4
#define BYTES (PAGES * PAGE_SIZE)
#define DATA (PTE_PRESENT | PTE_WRITE | PTE_NX) /* not PTE_USER: SMAP would keep the test out */

static struct mm one, two;

static bool start(void) {
    accounting_start();
    if (!HAVE(!pt_create(&one))) return false;
    if (HAVE(!pt_create(&two))) return true;
    pt_destroy(&one, NULL);
    accounting_check();
    return false;
}

static void end(void) {
    mm_load(&kernel_mm);
    pt_destroy(&one, NULL);
    pt_destroy(&two, NULL);
    accounting_check();
}

/* Frames that belong to the space: they go with it. */
static bool fill(const struct mm *mm, uint32_t first) {
    for (uint32_t i = 0; i < PAGES; i++) {
        struct page *page = alloc_pages(GFP_KERNEL, 0, OWNER_OTHER);
        if (!HAVE(page)) return false;
        *frame_word(page, 0) = first + i;
        if (HAVE(!pt_map(mm, virt_addr(LOWER.value + i * PAGE_SIZE), page_to_phys(page), PAGE_SIZE,
                         DATA)))
            continue;
        free_pages(page, 0);
        return false;
    }
    return true;
}

static uint32_t wrong_words(uint32_t first) {
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < PAGES; i++) wrong += *place_word(LOWER, i) != first + i;
    return wrong;
}

/* The same addresses, other frames. What the TLB has of the one must not be seen in the other. */
static void lower_halves_differ(void) {
    if (!start()) return;
    bool filled = fill(&one, 100) && fill(&two, 200);
    for (unsigned round = 0; round < 3 && filled; round++) {
        mm_load(&one);
        CHECK_EQUAL(wrong_words(100), 0);
        mm_load(&two);
        CHECK_EQUAL(wrong_words(200), 0);
    }
    end();
}

/* What vmalloc() maps while one space is loaded is there in each, and gone from each. */
static void kernel_half_is_one(void) {
    if (!start()) return;
    mm_load(&one);
    volatile uint32_t *words = vmalloc(16 * PAGE_SIZE);
    if (!HAVE(words)) {
        end();
        return;
    }
    words[5] = 0x5EED;
    mm_load(&two);
    CHECK_EQUAL(words[5], 0x5EED);
    mm_load(&kernel_mm);
    CHECK_EQUAL(words[5], 0x5EED);
    mm_load(&two);
    vfree((void *)words);
    mm_load(&one);
    CHECK(!pt_translate(&one, virt_addr((uintptr_t)words)).present);
    end();
}

/* No table of the kernel half lets ring 3 pass, in any space. */
static void kernel_tables_are_the_supervisors(void) {
    if (!start()) return;
    for (uint32_t address = PAGE_OFFSET; address >= PAGE_OFFSET; address += 0x100000)
        for (unsigned depth = 0; depth < kernel_mm.mode->levels; depth++)
            if (pte_find_at(&one, virt_addr(address), depth).value & PTE_USER) CHECK(!"supervisor");
    end();
}

/* The processor has written to the page: the copy finds D set, and nobody may write any more. */
static void fork_shares_pages(void) {
    struct tlb_gather gather;

    if (!start()) return;
    bool copied = fill(&one, 300);
    mm_load(&one);
    if (copied) *place_word(LOWER, 1) = 301;
    tlb_gather_start(&gather, &one);
    copied = copied && HAVE(!pt_copy(&gather, &two, LOWER, BYTES, true, NULL));
    tlb_gather_finish(&gather);
    for (uint32_t i = 0; i < PAGES && copied; i++) {
        virt_addr_t virt = virt_addr(LOWER.value + i * PAGE_SIZE);
        struct translation old = pt_translate(&one, virt), new = pt_translate(&two, virt);
        CHECK(old.phys.value == new.phys.value && !old.writable && !new.writable);
        CHECK_EQUAL((old.flags & PTE_DIRTY) != 0, i == 1);
        CHECK_EQUAL(pfn_to_page(phys_to_pfn(old.phys))->count, 2);
    }
    mm_load(&two);
    if (copied) CHECK_EQUAL(wrong_words(300), 0);
    end();
}

/* A space that is not loaded has nothing in the TLB. */
static void no_flush_for_the_others(void) {
    struct tlb_gather gather;

    if (!start()) return;
    if (!fill(&one, 400)) {
        end();
        return;
    }
    struct tlb_counts before = tlb_counts;
    tlb_gather_start(&gather, &one);
    CHECK_EQUAL(pt_protect(&gather, LOWER, BYTES, 0, PTE_WRITE), MAP_OK);
    CHECK(gather.any);
    tlb_gather_finish(&gather);
    CHECK_EQUAL(tlb_counts.page, before.page);
    CHECK_EQUAL(tlb_counts.range, before.range);
    mm_load(&one);
    CHECK_EQUAL(pt_protect(&gather, LOWER, BYTES, PTE_WRITE, 0), MAP_OK);
    tlb_gather_finish(&gather);
    CHECK_EQUAL(tlb_counts.page, before.page + PAGES);
    end();
}

static const struct test_case cases[] = {
    {"lower_halves_differ", lower_halves_differ},
    {"kernel_half_is_one", kernel_half_is_one},
    {"kernel_tables_are_the_supervisors", kernel_tables_are_the_supervisors},
    {"fork_shares_pages", fork_shares_pages},
    {"no_flush_for_the_others", no_flush_for_the_others},
};

const struct test_suite suite_spaces = TEST_SUITE("spaces", cases);
