/*
 * test_paging.c: the walker on tables made by hand, and map, unmap, protect and split, in every
 * mode, with large pages and without.
 */
#include "cmocka_test.h"

#include <stdlib.h>

#include "table_memory.h"

#define KB 1024ull
#define MB (1024 * KB)
#define GB (1024 * MB)
#define READ_WRITE (PTE_PRESENT | PTE_WRITE)

static const struct {
    const struct paging_mode *mode;
    bool large_pages;
} kinds[] = {
    {&paging_classic, false}, {&paging_classic, true},     {&paging_pae, true},
    {&paging_pae, false},     {&paging_four_levels, true},
};

static struct mm tables;
static struct tlb_gather range;

#define FOR_EACH_KIND(kind)                                                                       \
    for (unsigned kind = 0; kind < sizeof kinds / sizeof kinds[0] && start(kind); kind++)

static bool start(unsigned kind) {
    tables = start_tables(kinds[kind].mode, kinds[kind].large_pages);
    tlb_gather_start(&range, &tables);
    return true;
}

static const struct paging_level *last_table_level(void) {
    return &tables.mode->level[tables.mode->levels - 2];
}

/* Linear bytes that a last table maps. */
static uint64_t table_bytes(void) {
    return 1ull << last_table_level()->shift;
}

/* Bytes of a large page; 0 if there are none. */
static uint64_t large_bytes(void) {
    return level_has_large(last_table_level()) ? table_bytes() : 0;
}

static struct translation walk_to(uint64_t virt) {
    return pt_translate(&tables, virt_addr(virt));
}

/* As deep as the tables go for this address: 1 is the root. */
static unsigned depth_of(uint64_t virt) {
    return (unsigned)(pte_find(&tables, virt_addr(virt)).level - tables.mode->level) + 1;
}

static bool mapped(uint64_t virt) {
    return walk_to(virt).present;
}

static enum map_error map(uint64_t virt, uint64_t phys, uint64_t bytes, uint64_t flags) {
    return pt_map(&tables, virt_addr(virt), phys_addr(phys), bytes, flags);
}

static enum map_error unmap(uint64_t virt, uint64_t bytes) {
    return pt_unmap(&range, virt_addr(virt), bytes);
}

static enum map_error protect(uint64_t virt, uint64_t bytes, uint64_t set, uint64_t clear) {
    return pt_protect(&range, virt_addr(virt), bytes, set, clear);
}

static void check_range(uint64_t first, uint64_t last) {
    assert_true(range.any);
    assert_int_equal(range.first.value, first);
    assert_int_equal(range.last.value, last);
}

/* The TLB of these tests remembers nothing, but counts what it is told to forget. */
static unsigned pages_flushed, all_flushed;
static const struct mm *loaded;
struct tlb_counts tlb_counts;

const struct mm *mm_loaded(void) {
    return loaded;
}

void tlb_flush_page(const struct mm *mm, virt_addr_t virt) {
    (void)mm, (void)virt;
    pages_flushed++;
}

void tlb_flush_all(const struct mm *mm) {
    (void)mm;
    all_flushed++;
}

void tlb_flush_all_global(void) {
    all_flushed++;
}

/* References to frames of the first 16 MB. */
void get_page(struct page *page) {
    page->count++;
}

static bool flush_first; /* no frame is given back before its page is flushed */
static unsigned frames_given;

/* Nothing is in the swap cache here. */
void swap_put_page(struct page *page) {
    fail_msg("frame %x", page_to_pfn(page).value);
}

void put_page(struct page *page) {
    assert_true(page->count > 0);
    page->count--;
    if (flush_first) assert_true(++frames_given <= pages_flushed);
}

static void flushed(void) {
    tlb_gather_finish(&range);
    assert_false(range.any || range.global || range.tables || range.frames);
}

static void check_mapped(uint64_t virt, uint64_t phys, uint64_t bytes, uint64_t flags) {
    for (uint64_t at = 0; at < bytes; at += PAGE_SIZE) {
        struct translation walk = walk_to(virt + at + at / PAGE_SIZE % PAGE_SIZE);
        assert_true(walk.present);
        assert_int_equal(walk.phys.value, phys + at + at / PAGE_SIZE % PAGE_SIZE);
        assert_int_equal(walk.flags, flags & tables.mode->usable_flags);
    }
}

static void check_unmapped(uint64_t virt, uint64_t bytes) {
    for (uint64_t at = 0; at < bytes; at += PAGE_SIZE) assert_false(mapped(virt + at));
}

/* Everything that was in the tables, to see that an error changed nothing. */
static uint8_t *snapshot(void) {
    uint8_t *copy = malloc(sizeof table_memory + sizeof table_used);
    memcpy(copy, table_memory, sizeof table_memory);
    memcpy(copy + sizeof table_memory, table_used, sizeof table_used);
    return copy;
}

static void check_snapshot(uint8_t *copy) {
    assert_memory_equal(copy + sizeof table_memory, table_used, sizeof table_used);
    for (unsigned i = 0; i < TABLES; i++)
        if (table_used[i])
            assert_memory_equal(copy + (size_t)i * PAGE_SIZE, table_memory[i], PAGE_SIZE);
    free(copy);
}

/* ---- the walker, on tables made by hand ------------------------------------------------------ */

static void put(phys_addr_t table, unsigned index, uint64_t entry) {
    unsigned bytes = tables.mode->entry_bytes;
    write_slot((uint8_t *)phys_to_virt(table) + index * bytes, bytes, entry);
}

static void walk_classic(void **state) {
    (void)state;
    tables = start_tables(&paging_classic, true);
    phys_addr_t pte = table_alloc();
    put(tables.root, 0x300, pte.value | 0x007);
    put(pte, 0x0B8, 0x000B8000 | 0x003);
    put(tables.root, 0x301, 0x12400000 | 0x0E3); /* 4 MB, D, A */

    struct translation walk = walk_to(0xC00B8123);
    assert_true(walk.present && walk.writable && !walk.user && walk.executable);
    assert_int_equal(walk.phys.value, 0x000B8123);
    assert_int_equal(walk.page_bytes, 4 * KB);
    struct pte found = pte_find(&tables, virt_addr(0xC00B8123));
    assert_string_equal(found.level->name, "pte");
    assert_int_equal(table_of(found.slot).value, pte.value);
    assert_int_equal(virt_to_phys(found.slot).value, pte.value + 0x0B8 * 4);
    assert_int_equal(found.value, 0x000B8003);
    found = pte_find_at(&tables, virt_addr(0xC00B8123), 0);
    assert_string_equal(found.level->name, "pgd");
    assert_int_equal(virt_to_phys(found.slot).value, tables.root.value + 0x300 * 4);
    assert_int_equal(found.value, pte.value | 0x007);

    walk = walk_to(0xC07ABCDE);
    assert_true(walk.present);
    assert_int_equal(depth_of(0xC07ABCDE), 1);
    assert_int_equal(walk.page_bytes, 4 * MB);
    assert_int_equal(walk.flags, 0x063);
    assert_int_equal(walk.phys.value, 0x127ABCDE);

    assert_true(!mapped(0xC00B9000) && depth_of(0xC00B9000) == 2); /* ends in the pte */
    assert_true(!mapped(0) && depth_of(0) == 1);                   /* ends in the pgd */
}

/* Without CR4.PSE the processor takes any present entry of the pgd for a pointer. */
static void walk_classic_without_pse(void **state) {
    (void)state;
    tables = start_tables(&paging_classic, false);
    phys_addr_t pte = table_alloc();
    put(tables.root, 1, pte.value | 0x087);
    put(pte, 2, 0x5000 | 0x001);
    assert_int_equal(walk_to(0x402010).phys.value, 0x5010);
}

static void walk_pae(void **state) {
    (void)state;
    tables = start_tables(&paging_pae, true);
    phys_addr_t pmd = table_alloc(), pte = table_alloc();
    put(tables.root, 3, pmd.value | 0x001); /* no rights in a pgd of PAE */
    put(pmd, 1, pte.value | 0x003);
    put(pte, 0x1FF, PTE_NX | 0xFABCDE000ull | 0x003);
    put(pmd, 2, 0x80000000 | 0x083);

    struct translation walk = walk_to(0xC03FFFFF);
    assert_true(walk.present && walk.writable && !walk.user && !walk.executable);
    assert_int_equal(walk.phys.value, 0xFABCDEFFF);
    assert_int_equal(depth_of(0xC03FFFFF), 3);
    struct pte found = pte_find_at(&tables, virt_addr(0xC03FFFFF), 1);
    assert_string_equal(found.level->name, "pmd");
    assert_int_equal(virt_to_phys(found.slot).value, pmd.value + 8);

    walk = walk_to(0xC05FFFFF);
    assert_int_equal(walk.page_bytes, 2 * MB);
    assert_int_equal(walk.phys.value, 0x801FFFFF);
    assert_false(mapped(0xC0600000));
    assert_false(mapped(0xBFFFFFFF));
}

static void walk_four_levels(void **state) {
    (void)state;
    tables = start_tables(&paging_four_levels, true);
    phys_addr_t pud = table_alloc(), pmd = table_alloc(), pte = table_alloc();
    put(tables.root, 256, pud.value | 0x003); /* FFFF8000'00000000 */
    put(pud, 1, pmd.value | 0x003);
    put(pmd, 2, pte.value | 0x003);
    put(pte, 3, 0x000FFFFFFFFFF000 | 0x003);
    put(pmd, 4, 0x123456600000 | 0x083);
    put(pud, 5, PTE_NX | 0x7FC0000000 | 0x083);

    struct translation walk = walk_to(0xFFFF800040403ABC);
    assert_true(walk.present);
    assert_int_equal(depth_of(0xFFFF800040403ABC), 4);
    assert_int_equal(walk.phys.value, 0x000FFFFFFFFFFABC);
    assert_string_equal(pte_find_at(&tables, virt_addr(0xFFFF800040403ABC), 1).level->name, "pud");
    walk = walk_to(0xFFFF800040812345);
    assert_int_equal(walk.page_bytes, 2 * MB);
    assert_int_equal(walk.phys.value, 0x123456612345);
    walk = walk_to(0xFFFF800150000000);
    assert_int_equal(walk.page_bytes, GB);
    assert_int_equal(walk.phys.value, 0x7FD0000000);
    assert_false(walk.executable);
    assert_false(mapped(0xFFFF800180000000)); /* pud */
    assert_false(mapped(0xFFFF800040A00000)); /* pmd */
    assert_false(mapped(0x40403ABC));         /* pgd */
}

/* A page is writable, or the user's, if every level says so, and executable if none has NX. */
static void rights_combine_over_levels(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        const struct paging_mode *mode = tables.mode;
        assert_int_equal(map(0x1000, 0x5000, PAGE_SIZE, READ_WRITE), MAP_OK);
        for (unsigned choice = 0; choice < 1u << (3 * mode->levels); choice++) {
            bool writable = true, user = true, executable = true;
            for (unsigned i = 0; i < mode->levels; i++) {
                unsigned bits = choice >> (3 * i) & 7;
                uint64_t have = (bits & 1 ? PTE_WRITE : 0) | (bits & 2 ? PTE_USER : 0);
                if (bits & 4 && mode->entry_bytes == 8) have |= PTE_NX;
                if (mode->levels == 3 && i == 0) continue;
                uint64_t old = pte_find_at(&tables, virt_addr(0x1000), i).value;
                poke(&tables, 0x1000, i, (old & ~(PTE_WRITE | PTE_USER | PTE_NX)) | have);
                writable = writable && (have & PTE_WRITE);
                user = user && (have & PTE_USER);
                executable = executable && !(have & PTE_NX);
            }
            struct translation got = walk_to(0x1000);
            assert_true(got.present && got.writable == writable && got.user == user &&
                        got.executable == executable);
        }
    }
}

/* ---- map and unmap --------------------------------------------------------------------------- */

static void one_page(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        uint64_t flags = READ_WRITE | PTE_GLOBAL | PTE_NX | 0x200;
        assert_int_equal(map(0x7000, 0x9000, PAGE_SIZE, flags), MAP_OK);
        check_mapped(0x7000, 0x9000, PAGE_SIZE, flags);
        assert_false(mapped(0x6FFF) || mapped(0x8000));
        assert_int_equal(tables_used, tables.mode->levels);
        assert_int_equal(unmap(0x7000, PAGE_SIZE), MAP_OK);
        check_range(0x7000, 0x7000);
        assert_true(range.global);
        assert_false(mapped(0x7000));
    }
}

/* Large pages where both addresses allow; tables before and behind; none left in the end. */
static void large_pages_in_the_middle(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        uint64_t large = table_bytes();
        uint64_t virt = 16 * MB + large - 2 * PAGE_SIZE, bytes = 3 * large + 5 * PAGE_SIZE;
        for (uint64_t phys_offset = 0; phys_offset <= PAGE_SIZE; phys_offset += PAGE_SIZE) {
            bool expect_large = large_bytes() && phys_offset == 0;
            assert_int_equal(map(virt, virt + 32 * MB + phys_offset, bytes, READ_WRITE),
                             MAP_OK);
            check_mapped(virt, virt + 32 * MB + phys_offset, bytes, READ_WRITE);
            assert_int_equal(walk_to(virt).page_bytes, PAGE_SIZE);
            assert_int_equal(walk_to(16 * MB + 2 * large).page_bytes,
                             expect_large ? large : PAGE_SIZE);
            assert_int_equal(walk_to(virt + bytes - 1).page_bytes, PAGE_SIZE);
            assert_int_equal(tables_used, tables.mode->levels - 1 + (expect_large ? 2 : 5));
            assert_false(mapped(virt - 1) || mapped(virt + bytes));

            assert_int_equal(unmap(virt, bytes), MAP_OK);
            check_range(virt, virt + bytes - PAGE_SIZE);
            flushed();
            check_unmapped(virt - PAGE_SIZE, bytes + 2 * PAGE_SIZE);
            assert_int_equal(tables_used, 1);
        }
    }
}

static void up_to_the_last_byte(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        bool four_levels = tables.mode->levels == 4;
        uint64_t end = four_levels ? 0 : 4 * GB;
        uint64_t bytes = 2 * table_bytes() + PAGE_SIZE, virt = end - bytes;
        assert_int_equal(map(virt, 64 * MB - PAGE_SIZE, bytes, READ_WRITE), MAP_OK);
        check_mapped(virt, 64 * MB - PAGE_SIZE, bytes, READ_WRITE);
        assert_false(mapped(virt - 1) || mapped(0));
        assert_int_equal(protect(end - PAGE_SIZE, PAGE_SIZE, 0, PTE_WRITE), MAP_OK);
        check_range(end - PAGE_SIZE, end - PAGE_SIZE);
        assert_int_equal(unmap(virt, bytes), MAP_OK);
        check_range(virt, end - PAGE_SIZE);
        check_unmapped(virt, bytes);
    }
}

static void nothing_to_do(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        assert_int_equal(map(0, 0, 0, READ_WRITE), MAP_OK);
        assert_int_equal(unmap(0, 0), MAP_OK);
        assert_int_equal(protect(0, 0, PTE_WRITE, 0), MAP_OK);
        assert_int_equal(unmap(0, GB), MAP_OK);
        assert_int_equal(protect(0, GB, PTE_WRITE, 0), MAP_OK);
        assert_int_equal(pt_split(&range, virt_addr(0)), MAP_OK);
        assert_int_equal(tables_used, 1);
        assert_false(range.any);
    }
}

/* Whichever table cannot be had: nothing has changed. */
static void no_memory_for_a_table(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        uint64_t virt = 2 * GB - 3 * PAGE_SIZE, bytes = 3 * table_bytes();
        assert_int_equal(map(virt - PAGE_SIZE, 0, PAGE_SIZE, READ_WRITE), MAP_OK);
        unsigned failures = 0;
        for (;; failures++) {
            uint8_t *before = snapshot();
            tables_left = failures;
            enum map_error error = map(virt, 64 * MB, bytes, READ_WRITE);
            if (!error) {
                assert_int_equal(tables_left, 0);
                free(before);
                break;
            }
            assert_int_equal(error, MAP_NO_MEMORY);
            check_snapshot(before);
        }
        assert_in_range(failures, 3, 5);
        check_mapped(virt, 64 * MB, bytes, READ_WRITE);
    }
}

/* A page in the way, be it the last one: nothing has changed. */
static void range_in_use(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        uint64_t virt = 64 * MB, bytes = 4 * table_bytes();
        for (uint64_t at = 0; at < bytes; at += bytes - PAGE_SIZE) {
            assert_int_equal(map(virt + at, 0, PAGE_SIZE, PTE_PRESENT), MAP_OK);
            uint8_t *before = snapshot();
            assert_int_equal(map(virt, 128 * MB, bytes, READ_WRITE), MAP_IN_USE);
            check_snapshot(before);
            assert_int_equal(unmap(virt, bytes), MAP_OK);
            flushed();
        }
        assert_int_equal(map(virt, virt, table_bytes(), PTE_PRESENT), MAP_OK);
        assert_int_equal(map(virt + PAGE_SIZE, virt, PAGE_SIZE, READ_WRITE), MAP_IN_USE);
        check_mapped(virt, virt, table_bytes(), PTE_PRESENT);
    }
}

static void physical_address_too_high(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        uint64_t reach = tables.mode->reach;
        assert_int_equal(map(0, reach - PAGE_SIZE, 2 * PAGE_SIZE, READ_WRITE), MAP_TOO_HIGH);
        assert_int_equal(map(0, reach + PAGE_SIZE, PAGE_SIZE, READ_WRITE), MAP_TOO_HIGH);
        assert_int_equal(tables_used, 1);
        assert_int_equal(map(0, reach - PAGE_SIZE, PAGE_SIZE, READ_WRITE), MAP_OK);
        assert_int_equal(walk_to(1).phys.value, reach - PAGE_SIZE + 1);
    }
}

/* Entries with P = 0 and something in them are somebody's: nobody maps there, no table goes under
 * them, protect and unmap leave them alone; unmap_free hands them over. */
static uint64_t handed_over;

static void hand_over(uint64_t value) {
    handed_over += value;
}

static void swap_entries(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        const uint64_t swapped = pte_swapped(5, 0xABCDE);
        assert_int_equal(pte_swap_place(swapped), 0xABCDE);
        assert_int_equal(pte_swap_area(swapped), 5);
        assert_int_equal(map(0x1000, 0, 3 * PAGE_SIZE, READ_WRITE), MAP_OK);
        struct pte pte = pte_find(&tables, virt_addr(0x3000));
        assert_int_equal(pte_exchange(&tables, &pte, swapped), 0x2000 | READ_WRITE);

        assert_int_equal(map(0x3000, 0, PAGE_SIZE, READ_WRITE), MAP_IN_USE);
        assert_int_equal(protect(0x1000, 3 * PAGE_SIZE, PTE_PCD, PTE_WRITE), MAP_OK);
        assert_int_equal(unmap(0x1000, 3 * PAGE_SIZE), MAP_OK);
        flushed();
        assert_int_equal(tables_used, tables.mode->levels);
        assert_int_equal(pte_find(&tables, virt_addr(0x3000)).value, swapped);

        handed_over = 0;
        assert_int_equal(pt_unmap_free(&range, virt_addr(0x1000), GB, hand_over), MAP_OK);
        assert_int_equal(handed_over, swapped);
        check_range(0x3000, 0x3000); /* no page, but a table: the paging-structure caches */
        flushed();
        assert_int_equal(tables_used, 1);
    }
}

/* ---- when tables go -------------------------------------------------------------------------- */

/* Nothing is given back before the flush; what the processor may still read there has P = 0. */
static void freed_tables_wait_for_the_flush(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        assert_int_equal(map(GB - PAGE_SIZE, 0, 2 * PAGE_SIZE, READ_WRITE), MAP_OK);
        unsigned used = tables_used;
        assert_int_equal(unmap(GB - PAGE_SIZE, 2 * PAGE_SIZE), MAP_OK);
        assert_int_equal(tables_used, used);
        unsigned waiting = 0;
        for (const struct page *table = range.tables; table; table = table->private, waiting++)
            assert_int_equal(count_entries(tables.mode, page_to_phys(table)), 0);
        flushed();
        assert_int_equal(tables_used, used - waiting);
        assert_int_equal(tables_used, 1);
    }
}

/* Two calls into one range: it spans both, and their tables are freed together. */
static void one_range_for_many_calls(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        assert_int_equal(map(GB, 0, PAGE_SIZE, READ_WRITE | PTE_GLOBAL), MAP_OK);
        assert_int_equal(map(GB / 2, 0, PAGE_SIZE, READ_WRITE), MAP_OK);
        assert_int_equal(unmap(GB / 2, PAGE_SIZE), MAP_OK);
        check_range(GB / 2, GB / 2);
        assert_false(range.global);
        assert_int_equal(unmap(GB, PAGE_SIZE), MAP_OK);
        check_range(GB / 2, GB);
        assert_true(range.global);
        flushed();
        assert_int_equal(tables_used, 1);
    }
}

/* ---- address spaces -------------------------------------------------------------------------- */

#define USER 0x40000000ull
#define FRAME (8 * MB) /* frames that have descriptors, and are no tables */

static uint64_t kernel_start(void) {
    return tables.mode->levels == 4 ? 0xFFFF800000000000 : PAGE_OFFSET;
}

static uint32_t references(uint64_t phys) {
    return pfn_to_page(phys_to_pfn(phys_addr(phys)))->count;
}

/* The kernel's own space, whose kernel half has two root entries and one page. */
static void start_kernel(void) {
    uint64_t virt = kernel_start();
    assert_int_equal(map(virt, 0, PAGE_SIZE, READ_WRITE), MAP_OK);
    pte_make(&kernel_mm, virt_addr(virt + 2 * level_bytes(tables.mode->level) - PAGE_SIZE), 1);
    kernel_mm.sealed = tables.sealed = true;
    memset(descriptors, 0, sizeof descriptors);
    for (unsigned i = 0; i < TABLES; i++)
        if (table_used[i])
            descriptors[TABLE_BASE / PAGE_SIZE + i].used_entries =
                count_entries(tables.mode, phys_addr(TABLE_BASE + (uint64_t)i * PAGE_SIZE));
    for (unsigned i = 0; i < 8 * MB / PAGE_SIZE; i++)
        descriptors[FRAME / PAGE_SIZE + i].count = 1;
    pages_flushed = all_flushed = 0;
    loaded = &kernel_mm;
}

/* What the kernel maps is in every space at once, and never for ring 3. */
static void spaces_share_the_kernel_half(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        struct mm one, two;
        start_kernel();
        unsigned used = tables_used;
        assert_int_equal(pt_create(&one), MAP_OK);
        assert_int_equal(pt_create(&two), MAP_OK);
        assert_int_equal(tables_used, used + (tables.mode->levels == 3 ? 8 : 2));

        uint64_t virt = kernel_start() + 5 * PAGE_SIZE;
        assert_int_equal(map(virt, FRAME, PAGE_SIZE, READ_WRITE | PTE_USER), MAP_OK);
        assert_int_equal(pt_map(&one, virt_addr(USER), phys_addr(FRAME), PAGE_SIZE,
                                READ_WRITE | PTE_USER), MAP_OK);
        assert_int_equal(pt_translate(&two, virt_addr(virt)).phys.value, FRAME);
        assert_false(pt_translate(&two, virt_addr(virt)).user);
        assert_true(pt_translate(&one, virt_addr(USER)).user);
        assert_false(pt_translate(&two, virt_addr(USER)).present);
        for (unsigned depth = 0; depth < tables.mode->levels - 1u; depth++)
            assert_false(pte_find_at(&one, virt_addr(virt), depth).value & PTE_USER);

        /* No root entry comes or goes, and none is split. */
        uint64_t missing = kernel_start() + 4 * level_bytes(tables.mode->level);
        if (tables.mode->levels != 3)
            assert_int_equal(map(missing, FRAME, PAGE_SIZE, READ_WRITE), MAP_ROOT_FIXED);
        assert_int_equal(unmap(kernel_start(), 6 * PAGE_SIZE), MAP_OK);
        flushed();
        assert_int_equal(pte_find_at(&kernel_mm, virt_addr(virt), 0).value,
                         pte_find_at(&two, virt_addr(virt), 0).value);
        assert_true(pte_is_table(tables.mode->level,
                                 (uint32_t)pte_find_at(&two, virt_addr(virt), 0).value));
        pt_destroy(&one, NULL);
        pt_destroy(&two, NULL);
        assert_int_equal(references(FRAME), 0);
        assert_true(tables_used <= used);
    }
}

/* The count of a root, as of any table, is of the entries that are not 0. */
static void a_new_root_is_counted(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        struct mm own;
        start_kernel();
        assert_int_equal(pt_create(&own), MAP_OK);
        assert_int_equal(table_count(phys_to_virt(own.root), 0),
                         count_entries(tables.mode, own.root));
        pt_destroy(&own, NULL);
    }
}

static void no_memory_for_a_space(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        struct mm own;
        start_kernel();
        unsigned used = tables_used, needed = tables.mode->levels == 3 ? 4 : 1;
        for (unsigned left = 0; left <= needed; left++) {
            tables_left = left;
            assert_int_equal(pt_create(&own), left < needed ? MAP_NO_MEMORY : MAP_OK);
            if (left < needed) assert_int_equal(tables_used, used);
        }
        pt_destroy(&own, NULL);
        assert_int_equal(tables_used, used);
    }
}

/* The program writes to the first page at the worst moment. */
static struct mm parent;

static void write_first_page(void) {
    struct pte pte = pte_find(&parent, virt_addr(USER));
    if (pte.value & PTE_WRITE) poke(&parent, USER, PT_LAST, pte.value | PTE_ACCESSED | PTE_DIRTY);
}

/* Three pages: writable, read-only, swapped. */
static void start_parent(void) {
    start_kernel();
    assert_int_equal(pt_create(&parent), MAP_OK);
    assert_int_equal(pt_map(&parent, virt_addr(USER), phys_addr(FRAME), PAGE_SIZE,
                            READ_WRITE | PTE_USER | 0x400), MAP_OK);
    assert_int_equal(pt_map(&parent, virt_addr(USER + PAGE_SIZE), phys_addr(FRAME + PAGE_SIZE),
                            PAGE_SIZE, PTE_PRESENT | PTE_USER), MAP_OK);
    struct pte pte = pte_find(&parent, virt_addr(USER + 2 * PAGE_SIZE));
    pte_set(&parent, &pte, pte_swapped(0, 77));
    tlb_gather_start(&range, &parent);
    loaded = &parent;
    handed_over = 0;
}

static void fork_copies(void **state) {
    (void)state;
    for (unsigned private = 0; private < 2; private++)
        FOR_EACH_KIND(kind) {
            struct mm child;
            start_parent();
            assert_int_equal(pt_create(&child), MAP_OK);
            processor = write_first_page;
            assert_int_equal(pt_copy(&range, &child, virt_addr(USER), GB, private, hand_over),
                             MAP_OK);
            processor = NULL;
            assert_int_equal(range.any, private);
            if (private) check_range(USER, USER);
            flushed();
            assert_int_equal(pages_flushed, private);

            struct translation old = pt_translate(&parent, virt_addr(USER));
            struct translation new = pt_translate(&child, virt_addr(USER));
            assert_int_equal(old.phys.value, FRAME);
            assert_int_equal(new.phys.value, FRAME);
            assert_int_equal((old.flags ^ new.flags) & ~(PTE_ACCESSED | PTE_DIRTY), 0);
            assert_true(old.user && old.writable == !private);
            assert_true(old.flags & 0x400);
            if (private) assert_true(old.flags & PTE_DIRTY);
            assert_int_equal(references(FRAME), 2);
            assert_int_equal(references(FRAME + PAGE_SIZE), 2);
            assert_false(pt_translate(&child, virt_addr(USER + PAGE_SIZE)).writable);
            assert_int_equal(handed_over, pte_swapped(0, 77));
            assert_int_equal(pte_find(&child, virt_addr(USER + 2 * PAGE_SIZE)).value,
                             pte_swapped(0, 77));

            pt_destroy(&child, hand_over);
            assert_int_equal(handed_over, 2 * pte_swapped(0, 77));
            assert_int_equal(references(FRAME), 1);
            assert_int_equal(pages_flushed, private); /* the child was never loaded */
        }
}

/* Swap entries go even if nobody wants their values. */
static void nobody_takes_swap_entries(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        start_parent();
        assert_int_equal(pt_unmap_free(&range, virt_addr(USER), 3 * PAGE_SIZE, NULL), MAP_OK);
        assert_int_equal(pte_find(&parent, virt_addr(USER + 2 * PAGE_SIZE)).value, 0);
        flushed();
        assert_int_equal(references(FRAME), 0);
    }
    FOR_EACH_KIND(kind) {
        start_parent();
        unsigned used = tables_used;
        pt_destroy(&parent, NULL);
        assert_true(tables_used < used);
        assert_int_equal(references(FRAME), 0);
    }
}

/* Each table in turn cannot be had; what the child has got goes with it. */
static void no_memory_for_fork(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        start_parent();
        assert_int_equal(pt_map(&parent, virt_addr(2 * GB), phys_addr(FRAME + 2 * PAGE_SIZE),
                                PAGE_SIZE, READ_WRITE | PTE_USER), MAP_OK);
        enum map_error error = MAP_NO_MEMORY;
        for (unsigned left = 0; error; left++) {
            struct mm child;
            tables_left = TABLES;
            assert_int_equal(pt_create(&child), MAP_OK);
            unsigned used = tables_used;
            tables_left = left;
            error = pt_copy(&range, &child, virt_addr(0), 3 * GB, true, hand_over);
            assert_true(error == MAP_NO_MEMORY || (error == MAP_OK && tables_left == 0));
            assert_int_equal(tables_used, used + left);
            flushed();
            pt_destroy(&child, hand_over);
            for (unsigned i = 0; i < 3; i++)
                assert_int_equal(references(FRAME + i * PAGE_SIZE), 1);
        }
        pt_destroy(&parent, hand_over);
    }
}

/* More frames than fit in one go: each is given back once, after the flush; in a space that is not
 * loaded without one. */
static void unmap_and_free(void **state) {
    (void)state;
    for (unsigned is_loaded = 0; is_loaded < 2; is_loaded++)
        FOR_EACH_KIND(kind) {
            const unsigned pages = 3 * TLB_GATHER_FRAMES + 5;
            start_parent();
            unsigned used = tables_used;
            assert_int_equal(pt_map(&parent, virt_addr(GB + GB / 2), phys_addr(FRAME + MB),
                                    pages * PAGE_SIZE, READ_WRITE | PTE_USER), MAP_OK);
            loaded = is_loaded ? &parent : &kernel_mm;
            flush_first = is_loaded;
            frames_given = 0;
            assert_int_equal(pt_unmap_free(&range, virt_addr(GB + GB / 2), GB, hand_over), MAP_OK);
            for (unsigned i = 0; i < pages - pages % TLB_GATHER_FRAMES; i++)
                assert_int_equal(references(FRAME + MB + i * PAGE_SIZE), 0);
            assert_int_equal(references(FRAME + MB + (pages - 1) * PAGE_SIZE), 1);
            flushed();
            flush_first = false;
            assert_int_equal(references(FRAME + MB + (pages - 1) * PAGE_SIZE), 0);
            assert_int_equal(pages_flushed, is_loaded ? pages : 0);
            assert_int_equal(all_flushed, 0);
            assert_int_equal(tables_used, used);
        }
}

/* ---- protect and split ----------------------------------------------------------------------- */

/* Sets Accessed and Dirty as the processor does. */
static void touch(uint64_t virt) {
    struct pte leaf = pte_find(&tables, virt_addr(virt));
    write_slot(leaf.slot, tables.mode->entry_bytes, leaf.value | PTE_ACCESSED | PTE_DIRTY);
}

/* The bits that are asked for change, and no other: A, D, G and what software has in bits 9 to 11
 * stay, in each entry its own. */
static void protect_part_of_a_range(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        uint64_t virt = 64 * MB, bytes = 2 * table_bytes(), part = 3 * PAGE_SIZE;
        uint64_t from = virt + table_bytes() - PAGE_SIZE;
        uint64_t old = READ_WRITE | PTE_GLOBAL | 0x600, marks = PTE_ACCESSED | PTE_DIRTY;
        uint64_t set = PTE_USER | PTE_NX | PTE_PCD, new = (old | set) & ~PTE_WRITE;
        assert_int_equal(map(virt, virt, bytes, old), MAP_OK);
        touch(from);
        uint64_t touched = large_bytes() ? table_bytes() : PAGE_SIZE;
        assert_int_equal(protect(from, part, set, PTE_WRITE), MAP_OK);
        check_range(from, from + part - PAGE_SIZE);
        assert_true(range.global);
        flushed();

        check_mapped(from, from, PAGE_SIZE, new | marks);
        check_mapped(from + PAGE_SIZE, from + PAGE_SIZE, 2 * PAGE_SIZE, new);
        check_mapped(from + PAGE_SIZE - touched, from + PAGE_SIZE - touched, touched - PAGE_SIZE,
                     old | marks);
        check_mapped(from + part, from + part, virt + bytes - from - part, old);
        assert_int_equal(walk_to(from).page_bytes, PAGE_SIZE);

        /* The same again, and over a range of which most is not mapped: nothing to flush. */
        assert_int_equal(protect(from, part, set, PTE_WRITE), MAP_OK);
        assert_int_equal(protect(virt + bytes, GB, set, PTE_WRITE), MAP_OK);
        assert_false(range.any);
        assert_int_equal(protect(virt - 8 * MB, 8 * MB + PAGE_SIZE, set, PTE_WRITE), MAP_OK);
        check_range(virt, virt);
    }
}

static void protect_a_whole_large_page(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        if (!large_bytes()) continue;
        uint64_t virt = 64 * MB, bytes = large_bytes();
        assert_int_equal(map(virt, 3 * virt, bytes, READ_WRITE), MAP_OK);
        unsigned used = tables_used;
        assert_int_equal(protect(virt, bytes, PTE_PCD, PTE_WRITE), MAP_OK);
        check_range(virt, virt + bytes - PAGE_SIZE);
        check_mapped(virt, 3 * virt, bytes, PTE_PRESENT | PTE_PCD);
        assert_int_equal(walk_to(virt).page_bytes, bytes);
        assert_int_equal(protect(virt, bytes, PTE_WRITE, PTE_PCD), MAP_OK);
        check_mapped(virt, 3 * virt, bytes, READ_WRITE);
        assert_int_equal(tables_used, used);
    }
}

/* What has the rights already is not split. */
static void protect_changes_nothing(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        if (!large_bytes()) continue;
        assert_int_equal(map(64 * MB, 0, large_bytes(), READ_WRITE), MAP_OK);
        assert_int_equal(protect(64 * MB + PAGE_SIZE, PAGE_SIZE, PTE_WRITE, PTE_USER), MAP_OK);
        assert_int_equal(walk_to(64 * MB).page_bytes, large_bytes());
        assert_false(range.any);
    }
}

static uint64_t watched, watched_phys;

/* Between any two writes the watched address leads to the same byte, with the same rights. */
static void watch(void) {
    struct translation walk = walk_to(watched);
    assert_true(walk.present && walk.writable && walk.user && walk.executable);
    assert_int_equal(walk.phys.value, watched_phys);
}

static void split_keeps_every_byte_in_place(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        if (!large_bytes()) continue;
        uint64_t virt = 64 * MB, phys = 128 * MB, bytes = large_bytes();
        uint64_t flags = READ_WRITE | PTE_USER | PTE_GLOBAL | PTE_PWT | 0xE00;
        assert_int_equal(map(virt, phys, bytes, flags), MAP_OK);
        touch(virt);
        watched = virt + bytes / 2;
        watched_phys = phys + bytes / 2;

        tables_left = 0;
        assert_int_equal(pt_split(&range, virt_addr(virt)), MAP_NO_MEMORY);
        assert_false(range.any);
        assert_int_equal(walk_to(virt).page_bytes, bytes);

        tables_left = 1;
        table_written = watch;
        assert_int_equal(pt_split(&range, virt_addr(virt + 5 * PAGE_SIZE)), MAP_OK);
        table_written = NULL;
        check_mapped(virt, phys, bytes, flags | PTE_ACCESSED | PTE_DIRTY);
        assert_int_equal(walk_to(virt).page_bytes, PAGE_SIZE);
        check_range(virt + 5 * PAGE_SIZE, virt + 5 * PAGE_SIZE);
        assert_true(range.global);
        flushed();
        assert_int_equal(pt_split(&range, virt_addr(virt)), MAP_OK);
        assert_false(range.any);
    }
}

/* A hole in a large page, or an end of it; without a table for the split nothing is lost. */
static void unmap_part_of_a_large_page(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        if (!large_bytes()) continue;
        uint64_t virt = 64 * MB, large = large_bytes(), bytes = 3 * large;
        uint64_t from = virt + large / 2, to = virt + 2 * large + PAGE_SIZE;
        assert_int_equal(map(virt, virt, bytes, READ_WRITE), MAP_OK);
        for (unsigned left = 0; left < 2; left++) { /* one for each end; the first split stays */
            tables_left = left;
            assert_int_equal(unmap(from, to - from), MAP_NO_MEMORY);
            check_mapped(virt, virt, bytes, READ_WRITE);
            flushed();
        }
        tables_left = 10;
        assert_int_equal(unmap(from, to - from), MAP_OK);
        check_range(from, to - PAGE_SIZE);
        check_mapped(virt, virt, from - virt, READ_WRITE);
        check_unmapped(from, to - from);
        check_mapped(to, to, virt + bytes - to, READ_WRITE);
        assert_int_equal(unmap(virt, bytes), MAP_OK);
        flushed();
        assert_int_equal(tables_used, 1);
    }
}

static void join_undoes_a_split(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        if (!large_bytes()) continue;
        uint64_t virt = 64 * MB, phys = 128 * MB, bytes = large_bytes();
        uint64_t flags = READ_WRITE | PTE_NX | 0xE00;
        assert_false(pt_join(&range, virt_addr(virt)));
        assert_int_equal(map(virt, phys, bytes, flags), MAP_OK);
        assert_false(pt_join(&range, virt_addr(virt)));
        unsigned used = tables_used;
        assert_int_equal(pt_split(&range, virt_addr(virt)), MAP_OK);
        flushed();
        touch(virt + 3 * PAGE_SIZE);

        /* One page of another kind, or elsewhere, or none: nothing to join. */
        struct pte pte = pte_find(&tables, virt_addr(virt + bytes - PAGE_SIZE));
        static const uint64_t wrong[] = {PTE_WRITE,   PTE_PCD, PAGE_SIZE, PTE_PRESENT,
                                         1ull << 31, PTE_NX,  1ull << 40};
        unsigned kinds_of_wrong = tables.mode->entry_bytes == 8 ? 7 : 5;
        for (unsigned i = 0; i < kinds_of_wrong; i++) {
            pte_exchange(&tables, &pte, pte.value ^ wrong[i]);
            assert_false(pt_join(&range, virt_addr(virt)));
            pte_exchange(&tables, &pte, pte.value);
        }
        assert_int_equal(tables_used, used + 1);
        assert_true(pt_join(&range, virt_addr(virt + 9 * PAGE_SIZE)));
        check_range(virt, virt + bytes - PAGE_SIZE);
        flushed();
        assert_int_equal(tables_used, used);
        assert_int_equal(walk_to(virt).page_bytes, bytes);
        check_mapped(virt, phys, bytes, flags | PTE_ACCESSED | PTE_DIRTY);
    }
}

/* The processor uses the page between any reading of its entry and the exchange. */
static void use_page(void) {
    if (mapped(64 * MB)) touch(64 * MB);
}

static void used_bits_are_never_lost(void **state) {
    (void)state;
    const uint64_t marks = PTE_ACCESSED | PTE_DIRTY;
    FOR_EACH_KIND(kind) {
        assert_int_equal(map(64 * MB, 0, table_bytes(), READ_WRITE), MAP_OK);
        processor = use_page;
        assert_int_equal(protect(64 * MB, table_bytes(), PTE_NX, PTE_WRITE), MAP_OK);
        processor = NULL;
        assert_int_equal(walk_to(64 * MB).flags & marks, marks);
        assert_int_equal(protect(64 * MB, table_bytes(), PTE_WRITE, marks), MAP_OK);
        assert_int_equal(walk_to(64 * MB).flags & marks, 0);

        processor = use_page;
        assert_int_equal(pt_split(&range, virt_addr(64 * MB)), MAP_OK);
        processor = NULL;
        if (large_bytes()) assert_int_equal(walk_to(64 * MB).flags & marks, marks);

        assert_int_equal(protect(64 * MB, table_bytes(), 0, marks), MAP_OK);
        struct pte pte = pte_find(&tables, virt_addr(64 * MB));
        processor = use_page;
        assert_int_equal(pte_exchange(&tables, &pte, pte_swapped(0, 5)) & marks, marks);
        processor = NULL;
    }
}

/* One page of a gigabyte: the pud is split, then the pmd. */
static void split_a_gigabyte(void **state) {
    (void)state;
    tables = start_tables(&paging_four_levels, true);
    tlb_gather_start(&range, &tables);
    assert_int_equal(map(GB, 8 * GB, GB, READ_WRITE), MAP_OK);
    assert_int_equal(walk_to(GB).page_bytes, GB);
    assert_int_equal(protect(GB + 5 * MB, PAGE_SIZE, 0, PTE_WRITE), MAP_OK);
    check_range(GB + 5 * MB, GB + 5 * MB);
    assert_int_equal(walk_to(GB + 4 * MB).page_bytes, 4 * KB);
    assert_int_equal(walk_to(GB).page_bytes, 2 * MB);
    check_mapped(GB, 8 * GB, 5 * MB, READ_WRITE);
    check_mapped(GB + 5 * MB, 8 * GB + 5 * MB, PAGE_SIZE, PTE_PRESENT);
    check_mapped(GB + 5 * MB + PAGE_SIZE, 8 * GB + 5 * MB + PAGE_SIZE, GB - 5 * MB - PAGE_SIZE,
                 READ_WRITE);
    assert_int_equal(unmap(GB, GB), MAP_OK);
    flushed();
    assert_int_equal(tables_used, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walk_classic),
        cmocka_unit_test(walk_classic_without_pse),
        cmocka_unit_test(walk_pae),
        cmocka_unit_test(walk_four_levels),
        cmocka_unit_test(rights_combine_over_levels),
        cmocka_unit_test(one_page),
        cmocka_unit_test(large_pages_in_the_middle),
        cmocka_unit_test(up_to_the_last_byte),
        cmocka_unit_test(nothing_to_do),
        cmocka_unit_test(no_memory_for_a_table),
        cmocka_unit_test(range_in_use),
        cmocka_unit_test(physical_address_too_high),
        cmocka_unit_test(swap_entries),
        cmocka_unit_test(freed_tables_wait_for_the_flush),
        cmocka_unit_test(one_range_for_many_calls),
        cmocka_unit_test(spaces_share_the_kernel_half),
        cmocka_unit_test(a_new_root_is_counted),
        cmocka_unit_test(no_memory_for_a_space),
        cmocka_unit_test(fork_copies),
        cmocka_unit_test(nobody_takes_swap_entries),
        cmocka_unit_test(no_memory_for_fork),
        cmocka_unit_test(unmap_and_free),
        cmocka_unit_test(protect_part_of_a_range),
        cmocka_unit_test(protect_a_whole_large_page),
        cmocka_unit_test(protect_changes_nothing),
        cmocka_unit_test(split_keeps_every_byte_in_place),
        cmocka_unit_test(join_undoes_a_split),
        cmocka_unit_test(used_bits_are_never_lost),
        cmocka_unit_test(unmap_part_of_a_large_page),
        cmocka_unit_test(split_a_gigabyte),
    };
    return cmocka_run_group_tests_name("paging", tests, 0, 0);
}
