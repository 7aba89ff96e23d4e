/*
 * chain.c: blocks of frames that a test holds. Each links to the next by `private`, which is the
 * owner's.
 */
#include <mm/kmap.h>
#include <selftest/chain.h>
#include <selftest/random.h>
#include <selftest/test.h>

#define HEAPS 16 /* chains that are freed one after the other */

static bool is_marked(struct page *page) {
    return page_zone(page) != ZONE_HIGHMEM || page_to_pfn(page).value % 16 == 0;
}

static void push(struct chain *chain, struct page *page) {
    page->private = chain->first;
    chain->first = page;
    chain->blocks++;
}

static struct page *pop(struct chain *chain) {
    struct page *page = chain->first;
    chain->first = page->private;
    chain->blocks--;
    return page;
}

void chain_add(struct chain *chain, struct page *page) {
    if (!HAVE(page)) return;
    if (is_marked(page)) {
        uint32_t *words = kmap_atomic(page);
        words[0] = page_to_pfn(page).value;
        kunmap_atomic(words);
    }
    push(chain, page);
}

static void check_and_free(struct page *page) {
    if (is_marked(page)) {
        uint32_t *words = kmap_atomic(page);
        CHECK_EQUAL(words[0], page_to_pfn(page).value);
        kunmap_atomic(words);
    }
    free_pages(page, page_order(page));
}

uint32_t chain_take_all(struct chain *chain, gfp_t gfp, unsigned order) {
    uint32_t taken = 0;
    for (struct page *page; (page = alloc_pages(gfp, order, OWNER_OTHER)); taken++)
        chain_add(chain, page);
    return taken;
}

static bool is_even(const struct page *page) {
    return page_to_pfn(page).value % 2 == 0;
}

static bool is_chosen(const struct page *page) {
    (void)page;
    return test_random() % 2;
}

static void free_those(struct chain *chain, bool (*wanted)(const struct page *page)) {
    struct chain kept = {0};

    while (chain->first) {
        struct page *page = pop(chain);
        if (wanted(page))
            check_and_free(page);
        else
            push(&kept, page);
    }
    *chain = kept;
}

void chain_free_even(struct chain *chain) {
    free_those(chain, is_even);
}

void chain_free_half(struct chain *chain) {
    free_those(chain, is_chosen);
}

void chain_free_all(struct chain *chain) {
    struct chain heaps[HEAPS] = {0};

    while (chain->first) push(&heaps[test_random() % HEAPS], pop(chain));
    for (unsigned i = 0; i < HEAPS; i++)
        while (heaps[i].first) check_and_free(pop(&heaps[i]));
}
