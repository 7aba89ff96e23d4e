/*
 * test_kmap.c: frames of HIGHMEM by their address of the moment. Most of it needs more than 896 MB
 * of memory.
 */
#include <lib/irq.h>
#include <mm/kmap.h>
#include <selftest/accounting.h>
#include <mm/place.h>
#include <selftest/test.h>

#define FRAMES (3 * KMAP_PAGES) /* each place is used again, twice */

static struct page *frames[FRAMES];

/* Takes the counts and the frames. False, and the case is over, when there is no HIGHMEM. */
static bool take_frames(void) {
    if (zone_stats(ZONE_HIGHMEM)->free < FRAMES) {
        test_skip("no HIGHMEM");
        return false;
    }
    accounting_start();
    for (unsigned i = 0; i < FRAMES; i++) {
        frames[i] = alloc_pages(__GFP_HIGHMEM, 0, OWNER_OTHER);
        if (!HAVE(frames[i])) {
            while (i > 0) free_pages(frames[--i], 0);
            return false;
        }
        if (page_zone(frames[i]) != ZONE_HIGHMEM) CHECK(!"HIGHMEM");
    }
    return true;
}

static void give_frames(void) {
    for (unsigned i = 0; i < FRAMES; i++) free_pages(frames[i], 0);
    accounting_check();
}

static void low_frames_have_an_address(void) {
    accounting_start();
    struct page *page = alloc_pages(GFP_KERNEL, 0, OWNER_OTHER);
    if (!HAVE(page)) return;
    void *address = (void *)frame_word(page, 0);
    CHECK(kmap(page) == address);
    CHECK(kmap_atomic(page) == address);
    CHECK_EQUAL(kmap_used(), 0);
    kunmap_atomic(address);
    kunmap(page);
    free_pages(page, 0);
    accounting_check();
}

static void same_frame_same_address(void) {
    if (!take_frames()) return;
    uint32_t *one = kmap(frames[0]), *two = kmap(frames[1]);
    CHECK(one != two);
    CHECK((uint32_t)one >= KMAP_START && (uint32_t)one < KMAP_START + KMAP_PAGES * PAGE_SIZE);
    CHECK(kmap(frames[0]) == one);
    CHECK_EQUAL(kmap_used(), 2);
    kunmap(frames[0]);
    kunmap(frames[1]);
    CHECK_EQUAL(kmap_used(), 1); /* one user is left */
    CHECK(kmap(frames[1]) == two);
    CHECK_EQUAL(place_walk(virt_addr((uintptr_t)one)).phys.value,
                page_to_phys(frames[0]).value);
    kunmap(frames[0]);
    kunmap(frames[1]);
    give_frames();
}

/* Each place is mapped, read and written, and then has another frame: what an old translation leads
 * to is another frame's number. */
static void places_are_used_again(void) {
    uint32_t wrong = 0;

    if (!take_frames()) return;
    for (unsigned round = 0; round < 3; round++)
        for (unsigned i = 0; i < FRAMES; i++) {
            volatile uint32_t *words = kmap(frames[i]);
            if (round) wrong += words[0] != ((round - 1) << 16 | i);
            words[0] = round << 16 | i;
            kunmap(frames[i]);
        }
    CHECK_EQUAL(wrong, 0);
    CHECK_EQUAL(kmap_used(), 0);
    give_frames();
}

static void all_places(void) {
    uint32_t wrong = 0;

    if (!take_frames()) return;
    for (unsigned i = 0; i < KMAP_PAGES; i++) {
        volatile uint32_t *words = kmap(frames[i]);
        if (words)
            words[0] = i;
        else
            CHECK(!"a place");
    }
    CHECK_EQUAL(kmap_used(), KMAP_PAGES);
    CHECK(kmap(frames[KMAP_PAGES]) == NULL);
    kunmap(frames[7]);
    CHECK(kmap(frames[KMAP_PAGES]) != NULL);
    CHECK(kmap(frames[7]) == NULL);
    kunmap(frames[KMAP_PAGES]);
    for (unsigned i = 0; i < KMAP_PAGES; i++) {
        volatile uint32_t *words = kmap_atomic(frames[i]); /* another address for the same frame */
        wrong += words[0] != i;
        kunmap_atomic((void *)words);
        if (i != 7) kunmap(frames[i]);
    }
    CHECK_EQUAL(wrong, 0);
    give_frames();
}

/* All places at once, with interrupts off: there is none left for a handler. */
static void atomic_nesting(void) {
    uint32_t *address[KMAP_ATOMIC_MAX];
    uint32_t wrong = 0;

    if (!take_frames()) return;
    for (unsigned start = 0; start < FRAMES; start += KMAP_ATOMIC_MAX) {
        uint32_t eflags = irq_save();
        for (unsigned i = 0; i < KMAP_ATOMIC_MAX; i++) {
            address[i] = kmap_atomic(frames[start + i]);
            address[i][0] = start + i;
            wrong += i && address[i] == address[i - 1];
        }
        for (unsigned i = KMAP_ATOMIC_MAX; i-- > 0;) {
            wrong += address[i][0] != start + i;
            kunmap_atomic(address[i]);
            wrong += place_walk(virt_addr((uintptr_t)address[i])).present;
        }
        irq_restore(eflags);
    }
    CHECK_EQUAL(wrong, 0);
    give_frames();
}

/* __GFP_ZERO has to map what it fills. */
static void zeroed(void) {
    uint32_t wrong = 0;

    if (!take_frames()) return;
    struct page *block = alloc_pages(__GFP_HIGHMEM, 2, OWNER_OTHER);
    CHECK(block != NULL);
    for (unsigned round = 0; block; round++) {
        for (unsigned i = 0; i < 4; i++) {
            uint32_t *words = kmap_atomic(block + i);
            for (unsigned word = 0; word < PAGE_SIZE / 4; word++) {
                if (round)
                    wrong += words[word] != 0;
                else
                    words[word] = 0xFFFFFFFF;
            }
            kunmap_atomic(words);
        }
        if (round) break;
        pfn_t frame = page_to_pfn(block);
        free_pages(block, 2);
        block = alloc_pages(__GFP_HIGHMEM | __GFP_ZERO, 2, OWNER_OTHER);
        if (block) CHECK_EQUAL(page_to_pfn(block).value, frame.value); /* else nothing is proved */
    }
    CHECK_EQUAL(wrong, 0);
    if (block) free_pages(block, 2);
    give_frames();
}

/* kmap() counts no entries in its table, which is still nobody's to take away. */
static void the_table_stays(void) {
    if (!take_frames()) return;
    virt_addr_t virt = virt_addr((uintptr_t)kmap(frames[0]));
    CHECK_EQUAL(place_map(virt, frames[1], PAGE_SIZE), MAP_IN_USE);
    CHECK_EQUAL(place_walk(virt).phys.value, page_to_phys(frames[0]).value);
    kunmap(frames[0]);
    give_frames();
}

static const struct test_case cases[] = {
    {"low_frames_have_an_address", low_frames_have_an_address},
    {"same_frame_same_address", same_frame_same_address},
    {"places_are_used_again", places_are_used_again},
    {"all_places", all_places},
    {"atomic_nesting", atomic_nesting},
    {"zeroed", zeroed},
    {"the_table_stays", the_table_stays},
};

const struct test_suite suite_kmap = TEST_SUITE("kmap", cases);
