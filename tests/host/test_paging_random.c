/*
 * test_paging_random.c: random calls, in every mode, against an array with one entry a
 * page, and a TLB that keeps all that it ever saw until it is told to forget. Before any exchange of
 * an entry the program may use a page, so that A and D change between reading and writing.
 */
#include "cmocka_test.h"

#include <stdlib.h>

#include <mm/tlb.h>

#include "table_memory.h"

#define MB 0x100000ull
#define PAGES 16384u /* 64 MB of linear addresses */
#define RUNS 6
#define MARKS (PTE_ACCESSED | PTE_DIRTY)

static const struct run {
    const char *name;
    const struct paging_mode *mode;
    bool large_pages;
    uint64_t base;
} runs[RUNS] = {
    {"classic, no large pages", &paging_classic, false, PAGE_OFFSET - 32 * MB},
    {"classic", &paging_classic, true, PAGE_OFFSET - 32 * MB},
    {"PAE", &paging_pae, true, PAGE_OFFSET - 32 * MB},
    {"PAE, no large pages", &paging_pae, false, 0},
    {"PAE, up to 4 GB", &paging_pae, true, 4096 * MB - 64 * MB},
    {"four levels", &paging_four_levels, true, (1ull << 39) - 32 * MB},
};

struct model_page {
    bool mapped;
    uint64_t phys, flags;
};

static const struct run *now;
static struct mm tables;
static struct model_page model[PAGES];
static struct model_page tlb[PAGES]; /* `mapped`: the TLB has it */
static uint64_t random_state;

static uint32_t pick(uint32_t below) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32) % below;
}

static virt_addr_t virt_of(uint32_t page) {
    return virt_addr(now->base + (uint64_t)page * PAGE_SIZE);
}

static struct translation walk_to(uint32_t page) {
    return pt_translate(&tables, virt_of(page));
}

/* Pages [first, end): mostly few, sometimes as large pages are, seldom all. */
static void pick_range(uint32_t *first, uint32_t *end) {
    uint32_t kind = pick(200);
    uint32_t pages = 1 + pick(kind < 150 ? 8 : kind < 180 ? 200 : 3000);

    *first = pick(PAGES);
    if (kind >= 185) {
        *first &= ~1023u;
        pages = 512 * (1 + pick(8));
    }
    if (kind == 199) *first = 0;
    *end = kind < 199 && pages < PAGES - *first ? *first + pages : PAGES;
}

static uint64_t pick_flags(void) {
    static const uint64_t bits[] = {PTE_WRITE, PTE_USER,     PTE_PWT,   PTE_PCD,      0x400,
                                    PTE_NX,    PTE_ACCESSED, PTE_DIRTY, 0x200,   PTE_GLOBAL};
    uint64_t flags = PTE_PRESENT;
    for (unsigned i = 0; i < sizeof bits / sizeof bits[0]; i++)
        if (pick(2)) flags |= bits[i];
    return flags;
}

/* The flushes, as the processor does them (SDM 3A §4.10.4.1). */
struct tlb_counts tlb_counts;

const struct mm *mm_loaded(void) {
    return &tables;
}

void tlb_flush_page(const struct mm *mm, virt_addr_t virt) {
    assert_ptr_equal(mm, &tables);
    tlb[(virt.value - now->base) / PAGE_SIZE].mapped = false;
}

void tlb_flush_all(const struct mm *mm) {
    assert_ptr_equal(mm, &tables);
    for (uint32_t page = 0; page < PAGES; page++)
        if (!(tlb[page].flags & PTE_GLOBAL)) tlb[page].mapped = false;
}

void tlb_flush_all_global(void) {
    for (uint32_t page = 0; page < PAGES; page++) tlb[page].mapped = false;
}

/* Frames are nobody's here. */
void get_page(struct page *page) {
    (void)page;
}

/* Nothing is in the swap cache here. */
void swap_put_page(struct page *page) {
    fail_msg("frame %x", page_to_pfn(page).value);
}

void put_page(struct page *page) {
    (void)page;
}

/* As the kernel flushes, after each change. */
static void flush(struct tlb_gather *range) {
    if (range->any) {
        assert_true(range->first.value >= now->base && range->last.value >= range->first.value);
        assert_true((range->last.value - now->base) / PAGE_SIZE < PAGES);
    }
    tlb_gather_finish(range);
}

static void check_page(uint32_t page) {
    struct translation walk = walk_to(page);
    assert_int_equal(walk.present, model[page].mapped);
    if (walk.present) {
        assert_int_equal(walk.phys.value, model[page].phys);
        assert_int_equal(walk.flags, model[page].flags);
    }
    /* What the TLB has is true. */
    if (tlb[page].mapped) {
        assert_true(walk.present);
        assert_int_equal(tlb[page].phys, model[page].phys);
        assert_int_equal(tlb[page].flags & ~MARKS, model[page].flags & ~MARKS);
    }
}

/* Ends, neighbours, and some pages in between. */
static void check_some(uint32_t first, uint32_t end) {
    check_page(first);
    check_page(end - 1);
    if (first > 0) check_page(first - 1);
    if (end < PAGES) check_page(end);
    for (int i = 0; i < 4; i++) check_page(first + pick(end - first));
}

/* Every table hangs in the tree, knows how many entries it has, and none is empty. */
static unsigned count_tables(const struct paging_level *level, phys_addr_t table) {
    unsigned bytes = tables.mode->entry_bytes, count = 1;
    const uint8_t *slot = phys_to_virt(table);
    uint32_t entries = count_entries(tables.mode, table);

    assert_int_equal(table_count(slot, 0), entries);
    assert_true(entries > 0 || level == tables.mode->level);
    if (level->shift == PAGE_SHIFT) return 1;
    for (uint32_t i = 0; i <= level->last_index; i++) {
        uint32_t value = (uint32_t)pte_read(slot + i * bytes, bytes);
        if (pte_is_table(level, value)) count += count_tables(level + 1, pte_table(value));
    }
    return count;
}

static void check_all(void) {
    for (uint32_t page = 0; page < PAGES; page++) check_page(page);
    assert_int_equal(count_tables(tables.mode->level, tables.root), tables_used);
}

/* Now and then tables are scarce. */
static void pick_memory(void) {
    tables_left = pick(16) ? TABLES : pick(4);
}

static void try_map(uint32_t first, uint32_t end) {
    uint64_t flags = pick_flags(), phys = (uint64_t)pick(0x80000) * PAGE_SIZE;
    if (pick(2)) phys = (phys & ~(4 * MB - 1)) + virt_of(first).value % (4 * MB);
    if (tables.mode->entry_bytes == 8 && pick(2)) phys += 4096 * MB;
    bool in_use = false;
    for (uint32_t page = first; page < end; page++) in_use = in_use || model[page].mapped;

    pick_memory();
    bool scarce = tables_left != TABLES;
    unsigned used = tables_used;
    enum map_error error = pt_map(&tables, virt_of(first), phys_addr(phys),
                                  (uint64_t)(end - first) * PAGE_SIZE, flags);
    if (scarce && error == MAP_NO_MEMORY) in_use = false; /* whichever it meets first */
    else assert_int_equal(error, in_use ? MAP_IN_USE : MAP_OK);
    if (error) assert_int_equal(tables_used, used);
    for (uint32_t page = first; page < end && !error; page++)
        model[page] = (struct model_page){true, phys + (uint64_t)(page - first) * PAGE_SIZE,
                                          flags & tables.mode->usable_flags};
    check_some(first, end);
}

/* Is the page part of a large one that reaches beyond [first, end)? */
static bool sticks_out(uint32_t page, uint32_t first, uint32_t end) {
    struct translation walk = walk_to(page);
    uint32_t pages = (uint32_t)(walk.page_bytes / PAGE_SIZE);
    uint32_t start = page & ~(pages - 1);
    return walk.present && pages > 1 && (start < first || start + pages > end);
}

/* Unmaps, or sets and clears flags; what must be flushed is known beforehand, to the page. */
static void try_change(uint32_t first, uint32_t end, bool unmap) {
    uint64_t set = pick_flags() & tables.mode->usable_flags & ~MARKS;
    uint64_t clear = pick_flags() & ~set & ~MARKS & ~PTE_PRESENT;
    bool changes_first = unmap || ((model[first].flags | set) & ~clear) != model[first].flags;
    bool split_first = sticks_out(first, first, end) && changes_first;
    bool split_last = end - first > 1 && sticks_out(end - 1, 0, end);
    bool split = split_first || split_last, global = false, any = false;
    uint32_t first_changed = split_first ? first : end, last_changed = split_last ? end - 1 : 0;
    struct tlb_gather range;
    tlb_gather_start(&range, &tables);

    pick_memory();
    bool scarce = tables_left != TABLES;
    uint64_t bytes = (uint64_t)(end - first) * PAGE_SIZE;
    enum map_error error = unmap ? pt_unmap(&range, virt_of(first), bytes)
                                 : pt_protect(&range, virt_of(first), bytes, set, clear);
    if (error) {
        assert_true(scarce && split && error == MAP_NO_MEMORY);
        flush(&range);
        check_some(first, end);
        return;
    }
    for (uint32_t page = first; page < end; page++) {
        uint64_t changed = (model[page].flags | set) & ~clear;
        if (!model[page].mapped || (!unmap && changed == model[page].flags)) continue;
        any = true;
        global = global || (model[page].flags & PTE_GLOBAL);
        if (page < first_changed) first_changed = page;
        if (page > last_changed) last_changed = page;
        model[page].flags = changed;
        if (unmap) model[page] = (struct model_page){0};
    }
    assert_int_equal(range.any, any || split);
    if (range.any) {
        assert_true(first_changed >= first && last_changed < end);
        if (!split) assert_int_equal(range.global, global);
        if (any) assert_int_equal(range.first.value, virt_of(first_changed).value);
        if (any) assert_int_equal(range.last.value, virt_of(last_changed).value);
    }
    flush(&range);
    check_some(first, end);
}

static void try_split(void) {
    uint32_t page = pick(PAGES);
    bool large = walk_to(page).present && walk_to(page).page_bytes > PAGE_SIZE;
    struct tlb_gather range;
    tlb_gather_start(&range, &tables);

    pick_memory();
    enum map_error error = pt_split(&range, virt_of(page));
    assert_int_equal(range.any, large && !error);
    if (error) assert_true(large && tables_left == 0);
    else assert_int_equal(walk_to(page).present ? walk_to(page).page_bytes : 4096, PAGE_SIZE);
    flush(&range);
    check_some(page, page + 1);
}

static unsigned joined;

/* A large page of 4 KB pages, where they happen to be such. */
static void try_join(void) {
    uint32_t page = pick(PAGES);
    struct tlb_gather range;
    tlb_gather_start(&range, &tables);

    if (pt_join(&range, virt_of(page))) {
        uint32_t pages = (uint32_t)(walk_to(page).page_bytes / PAGE_SIZE);
        assert_true(pages > 1);
        joined++;
        page &= ~(pages - 1);
        for (uint32_t i = page; i < page + pages; i++) model[i].flags |= MARKS;
        check_some(page, page + pages);
    }
    flush(&range);
}

/* The program uses a page: the processor sets A and D, and may keep all of a large page. */
static void use(uint32_t page) {
    struct translation walk = walk_to(page);
    if (!walk.present || !model[page].mapped) return; /* or it is being mapped just now */

    struct pte leaf = pte_find(&tables, virt_of(page));
    uint64_t marks = pick(2) ? MARKS : PTE_ACCESSED;
    write_slot(leaf.slot, tables.mode->entry_bytes, leaf.value | marks);
    uint32_t pages = (uint32_t)(walk.page_bytes / PAGE_SIZE);
    uint32_t first = page & ~(pages - 1);
    uint64_t phys = walk.phys.value & ~(walk.page_bytes - 1);
    for (uint32_t i = 0; i < pages; i++) {
        if (model[first + i].mapped) model[first + i].flags |= marks;
        tlb[first + i] =
            (struct model_page){true, phys + (uint64_t)i * PAGE_SIZE, walk.flags | marks};
    }
}

static void touch(void) {
    use(pick(PAGES));
}

/* Just before an exchange: often of the very page that is changed. */
static uint32_t hot_first, hot_end;

static void use_while_changing(void) {
    uint32_t chance = pick(256);
    if (chance < 8) use(hot_first + pick(hot_end - hot_first));
    else if (chance == 8) touch();
}

/* What lies there goes, so that a large page may come. */
static void replace_by_large(void) {
    uint32_t first = pick(PAGES) & ~1023u, end = first + 1024;
    hot_first = first;
    hot_end = end;
    try_change(first, end, true);
    try_map(first, end);
}

static void random_run(const struct run *run) {
    now = run;
    random_state = 0x9E3779B97F4A7C15;
    tables = start_tables(run->mode, run->large_pages);
    memset(model, 0, sizeof model);
    memset(tlb, 0, sizeof tlb);

    unsigned large_seen = 0;
    joined = 0;
    processor = use_while_changing;
    for (unsigned i = 1; i <= operations_wanted() / RUNS + 1; i++) {
        uint32_t kind = pick(20), first, end;
        pick_range(&first, &end);
        hot_first = first;
        hot_end = end;
        if (kind < 8) try_map(first, end);
        else if (kind < 11) try_change(first, end, true);
        else if (kind < 15) try_change(first, end, false);
        else if (kind < 16) try_split(), try_join();
        else if (kind < 19) touch();
        else replace_by_large();
        if (i % 10000 == 0 || pick(10000) == 0) check_all();
        if (i % 64 == 0) large_seen += walk_to(pick(PAGES)).page_bytes > PAGE_SIZE;
    }
    check_all();
    assert_int_equal(large_seen > 0, run->large_pages);
    assert_int_equal(joined > 0, run->large_pages);

    tables_left = TABLES;
    struct tlb_gather range;
    tlb_gather_start(&range, &tables);
    uint64_t bytes = (uint64_t)PAGES * PAGE_SIZE;
    assert_int_equal(pt_unmap(&range, virt_of(0), bytes), MAP_OK);
    flush(&range);
    assert_int_equal(tables_used, 1);
}

static void random_calls_agree_with_a_model(void **state) {
    random_run(*state);
}

int main(void) {
    struct CMUnitTest tests[RUNS];
    for (unsigned i = 0; i < RUNS; i++)
        tests[i] = (struct CMUnitTest){.name = runs[i].name,
                                       .test_func = random_calls_agree_with_a_model,
                                       .initial_state = (void *)&runs[i]};
    return cmocka_run_group_tests_name("paging, random", tests, 0, 0);
}
