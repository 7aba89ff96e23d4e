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

static struct page_tables tables;
static struct tlb_range range;

#define FOR_EACH_KIND(kind)                                                                       \
    for (unsigned kind = 0; kind < sizeof kinds / sizeof kinds[0] && start(kind); kind++)

static bool start(unsigned kind) {
    tables = start_tables(kinds[kind].mode, kinds[kind].large_pages);
    range = (struct tlb_range){0};
    return true;
}

/* Bytes of a large page; 0 if there are none. */
static uint64_t large_bytes(void) {
    const struct paging_mode *mode = tables.mode;
    return tables.large_pages ? 1ull << mode->level[mode->levels - 2].shift : 0;
}

/* Linear bytes that a last table maps. */
static uint64_t table_bytes(void) {
    return 1ull << tables.mode->level[tables.mode->levels - 2].shift;
}

static struct page_walk walk_to(uint64_t virt) {
    struct page_walk walk;
    page_walk(&tables, virt_addr(virt), &walk);
    return walk;
}

static bool mapped(uint64_t virt) {
    return walk_to(virt).present;
}

static enum page_error map(uint64_t virt, uint64_t phys, uint64_t bytes, uint64_t flags) {
    return page_map(&tables, virt_addr(virt), phys_addr(phys), bytes, flags);
}

static enum page_error unmap(uint64_t virt, uint64_t bytes) {
    return page_unmap(&tables, virt_addr(virt), bytes, &range);
}

static enum page_error protect(uint64_t virt, uint64_t bytes, uint64_t flags) {
    return page_protect(&tables, virt_addr(virt), bytes, flags, &range);
}

static void check_range(uint64_t first, uint64_t last) {
    assert_true(range.any);
    assert_int_equal(range.first.value, first);
    assert_int_equal(range.last.value, last);
}

/* As if the TLB had been flushed. */
static void flushed(void) {
    page_free_tables(&range);
    assert_false(range.any || range.global || range.freed.value);
}

static void check_mapped(uint64_t virt, uint64_t phys, uint64_t bytes, uint64_t flags) {
    for (uint64_t at = 0; at < bytes; at += PAGE_SIZE) {
        struct page_walk walk = walk_to(virt + at + at / PAGE_SIZE % PAGE_SIZE);
        assert_true(walk.present);
        assert_int_equal(walk.phys.value, phys + at + at / PAGE_SIZE % PAGE_SIZE);
        assert_int_equal(flags_of(&walk), flags & tables.usable_flags);
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
    table_entry_write(phys_addr(table.value + (uint64_t)index * bytes), bytes, entry);
}

static void walk_classic(void **state) {
    (void)state;
    tables = start_tables(&paging_classic, true);
    phys_addr_t pte = table_alloc();
    put(tables.root, 0x300, pte.value | 0x007);
    put(pte, 0x0B8, 0x000B8000 | 0x003);
    put(tables.root, 0x301, 0x12400000 | 0x1000 | 0x0E3); /* 4 MB, PAT, D, A */

    struct page_walk walk = walk_to(0xC00B8123);
    assert_true(walk.present && walk.writable && !walk.user && walk.executable);
    assert_int_equal(walk.phys.value, 0x000B8123);
    assert_int_equal(walk.page_bytes, 4 * KB);
    assert_int_equal(walk.depth, 2);
    assert_string_equal(walk.step[0].level->name, "pgd");
    assert_string_equal(walk.step[1].level->name, "pte");
    assert_int_equal(walk.step[0].index, 0x300);
    assert_int_equal(walk.step[1].index, 0x0B8);
    assert_int_equal(walk.step[1].table.value, pte.value);
    assert_int_equal(walk.step[1].entry, 0x000B8003);

    walk = walk_to(0xC07ABCDE);
    assert_true(walk.present);
    assert_int_equal(walk.depth, 1);
    assert_int_equal(walk.page_bytes, 4 * MB);
    assert_int_equal(walk.phys.value, 0x127ABCDE);

    walk = walk_to(0xC00B9000); /* ends in the pte */
    assert_true(!walk.present && walk.depth == 2);
    walk = walk_to(0); /* ends in the pgd */
    assert_true(!walk.present && walk.depth == 1);
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
    put(pmd, 2, 0x80000000 | 0x1000 | 0x083);

    struct page_walk walk = walk_to(0xC03FFFFF);
    assert_true(walk.present && walk.writable && !walk.user && !walk.executable);
    assert_int_equal(walk.phys.value, 0xFABCDEFFF);
    assert_int_equal(walk.depth, 3);
    assert_string_equal(walk.step[1].level->name, "pmd");
    assert_int_equal(walk.step[0].index, 3);
    assert_int_equal(walk.step[1].index, 1);
    assert_int_equal(walk.step[2].index, 0x1FF);

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

    struct page_walk walk = walk_to(0xFFFF800040403ABC);
    assert_true(walk.present);
    assert_int_equal(walk.depth, 4);
    assert_int_equal(walk.phys.value, 0x000FFFFFFFFFFABC);
    assert_string_equal(walk.step[1].level->name, "pud");
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
        assert_int_equal(map(0x1000, 0x5000, PAGE_SIZE, READ_WRITE), PAGE_OK);
        struct page_walk walk = walk_to(0x1000);
        for (unsigned choice = 0; choice < 1u << (3 * walk.depth); choice++) {
            bool writable = true, user = true, executable = true;
            for (unsigned i = 0; i < walk.depth; i++) {
                unsigned bits = choice >> (3 * i) & 7;
                uint64_t have = (bits & 1 ? PTE_WRITE : 0) | (bits & 2 ? PTE_USER : 0);
                if (bits & 4 && mode->entry_bytes == 8) have |= PTE_NX;
                if (mode == &paging_pae && i == 0) continue;
                put(walk.step[i].table, walk.step[i].index,
                    (walk.step[i].entry & ~(PTE_WRITE | PTE_USER)) | have);
                writable = writable && (have & PTE_WRITE);
                user = user && (have & PTE_USER);
                executable = executable && !(have & PTE_NX);
            }
            struct page_walk got = walk_to(0x1000);
            assert_true(got.present && got.writable == writable && got.user == user &&
                        got.executable == executable);
        }
    }
}

/* ---- map and unmap --------------------------------------------------------------------------- */

static void one_page(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        uint64_t flags = READ_WRITE | PTE_GLOBAL | PTE_NX | PTE_PAT | 0x200;
        assert_int_equal(map(0x7000, 0x9000, PAGE_SIZE, flags), PAGE_OK);
        check_mapped(0x7000, 0x9000, PAGE_SIZE, flags);
        assert_false(mapped(0x6FFF) || mapped(0x8000));
        assert_int_equal(tables_used, tables.mode->levels);
        assert_int_equal(unmap(0x7000, PAGE_SIZE), PAGE_OK);
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
            assert_int_equal(map(virt, virt + 32 * MB + phys_offset, bytes, READ_WRITE | PTE_PAT),
                             PAGE_OK);
            check_mapped(virt, virt + 32 * MB + phys_offset, bytes, READ_WRITE | PTE_PAT);
            assert_int_equal(walk_to(virt).page_bytes, PAGE_SIZE);
            assert_int_equal(walk_to(16 * MB + 2 * large).page_bytes,
                             expect_large ? large : PAGE_SIZE);
            assert_int_equal(walk_to(virt + bytes - 1).page_bytes, PAGE_SIZE);
            assert_int_equal(tables_used, tables.mode->levels - 1 + (expect_large ? 2 : 5));
            assert_false(mapped(virt - 1) || mapped(virt + bytes));

            assert_int_equal(unmap(virt, bytes), PAGE_OK);
            check_range(virt, virt + bytes - PAGE_SIZE);
            flushed();
            check_unmapped(virt - PAGE_SIZE, bytes + 2 * PAGE_SIZE);
            assert_int_equal(tables_used, tables.mode == &paging_pae ? 2 : 1);
        }
    }
}

static void up_to_the_last_byte(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        bool four_levels = tables.mode->levels == 4;
        uint64_t end = four_levels ? 0 : 4 * GB;
        uint64_t bytes = 2 * table_bytes() + PAGE_SIZE, virt = end - bytes;
        assert_int_equal(map(virt, 64 * MB - PAGE_SIZE, bytes, READ_WRITE), PAGE_OK);
        check_mapped(virt, 64 * MB - PAGE_SIZE, bytes, READ_WRITE);
        assert_false(mapped(virt - 1) || mapped(0));
        assert_int_equal(protect(end - PAGE_SIZE, PAGE_SIZE, PTE_PRESENT), PAGE_OK);
        check_range(end - PAGE_SIZE, end - PAGE_SIZE);
        assert_int_equal(unmap(virt, bytes), PAGE_OK);
        check_range(virt, end - PAGE_SIZE);
        check_unmapped(virt, bytes);
    }
}

static void nothing_to_do(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        assert_int_equal(map(0, 0, 0, READ_WRITE), PAGE_OK);
        assert_int_equal(unmap(0, 0), PAGE_OK);
        assert_int_equal(protect(0, 0, READ_WRITE), PAGE_OK);
        assert_int_equal(unmap(0, GB), PAGE_OK);
        assert_int_equal(protect(0, GB, READ_WRITE), PAGE_OK);
        assert_int_equal(page_split(&tables, virt_addr(0), &range), PAGE_OK);
        assert_int_equal(tables_used, 1);
        assert_false(range.any);
    }
}

/* Whichever table cannot be had: nothing has changed. */
static void no_memory_for_a_table(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        uint64_t virt = 2 * GB - 3 * PAGE_SIZE, bytes = 3 * table_bytes();
        assert_int_equal(map(virt - PAGE_SIZE, 0, PAGE_SIZE, READ_WRITE), PAGE_OK);
        unsigned failures = 0;
        for (;; failures++) {
            uint8_t *before = snapshot();
            tables_left = failures;
            enum page_error error = map(virt, 64 * MB, bytes, READ_WRITE);
            if (!error) {
                assert_int_equal(tables_left, 0);
                free(before);
                break;
            }
            assert_int_equal(error, PAGE_NO_MEMORY);
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
            assert_int_equal(map(virt + at, 0, PAGE_SIZE, PTE_PRESENT), PAGE_OK);
            uint8_t *before = snapshot();
            assert_int_equal(map(virt, 128 * MB, bytes, READ_WRITE), PAGE_IN_USE);
            check_snapshot(before);
            assert_int_equal(unmap(virt, bytes), PAGE_OK);
            flushed();
        }
        assert_int_equal(map(virt, virt, table_bytes(), PTE_PRESENT), PAGE_OK);
        assert_int_equal(map(virt + PAGE_SIZE, virt, PAGE_SIZE, READ_WRITE), PAGE_IN_USE);
        check_mapped(virt, virt, table_bytes(), PTE_PRESENT);
    }
}

static void physical_address_too_high(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        uint64_t reach = tables.mode->reach;
        assert_int_equal(map(0, reach - PAGE_SIZE, 2 * PAGE_SIZE, READ_WRITE), PAGE_TOO_HIGH);
        assert_int_equal(map(0, reach + PAGE_SIZE, PAGE_SIZE, READ_WRITE), PAGE_TOO_HIGH);
        assert_int_equal(tables_used, 1);
        assert_int_equal(map(0, reach - PAGE_SIZE, PAGE_SIZE, READ_WRITE), PAGE_OK);
        assert_int_equal(walk_to(1).phys.value, reach - PAGE_SIZE + 1);
    }
}

/* Entries with P = 0 and something in them: free to map, kept from table_free, cleared by unmap. */
static void entries_of_the_caller(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        assert_int_equal(map(0x1000, 0, 2 * PAGE_SIZE, READ_WRITE), PAGE_OK);
        struct page_walk walk = walk_to(0x3000);
        const struct page_walk_step *pte = &walk.step[walk.depth - 1];
        put(pte->table, pte->index, 0xABCD00);

        unsigned used = tables_used;
        assert_int_equal(unmap(0x1000, 2 * PAGE_SIZE), PAGE_OK);
        flushed();
        assert_int_equal(tables_used, used);
        assert_int_equal(map(0x3000, 0x5000, PAGE_SIZE, READ_WRITE), PAGE_OK);
        check_mapped(0x3000, 0x5000, PAGE_SIZE, READ_WRITE);
        put(pte->table, pte->index, 0xABCD00);
        assert_int_equal(protect(0x3000, PAGE_SIZE, PTE_PRESENT), PAGE_OK);
        assert_int_equal(walk_to(0x3000).step[walk.depth - 1].entry, 0xABCD00);
        assert_false(range.any);

        /* Only a table goes, no page: even so the paging-structure caches need an INVLPG. */
        assert_int_equal(unmap(0x3000, PAGE_SIZE), PAGE_OK);
        check_range(0x3000, 0x3000);
        flushed();
        assert_int_equal(tables_used, tables.mode == &paging_pae ? 2 : 1);
    }
}

/* ---- when tables go -------------------------------------------------------------------------- */

/* Nothing is given back before the flush; what the processor may still read there has P = 0. */
static void freed_tables_wait_for_the_flush(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        assert_int_equal(map(GB - PAGE_SIZE, 0, 2 * PAGE_SIZE, READ_WRITE), PAGE_OK);
        unsigned used = tables_used;
        assert_int_equal(unmap(GB - PAGE_SIZE, 2 * PAGE_SIZE), PAGE_OK);
        assert_int_equal(tables_used, used);
        unsigned waiting = 0;
        for (uint64_t table = range.freed.value; table; waiting++) {
            assert_false(table & PTE_PRESENT);
            for (unsigned i = 1; i < PAGE_SIZE / 4; i++)
                assert_int_equal(table_entry_read(phys_addr(table + 4ull * i), 4), 0);
            table = table_entry_read(phys_addr(table), 4);
        }
        flushed();
        assert_int_equal(tables_used, used - waiting);
        assert_int_equal(tables_used, tables.mode == &paging_pae ? 3 : 1);
    }
}

/* Two calls into one range: it spans both, and their tables are freed together. */
static void one_range_for_many_calls(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        assert_int_equal(map(GB, 0, PAGE_SIZE, READ_WRITE | PTE_GLOBAL), PAGE_OK);
        assert_int_equal(map(GB / 2, 0, PAGE_SIZE, READ_WRITE), PAGE_OK);
        assert_int_equal(unmap(GB / 2, PAGE_SIZE), PAGE_OK);
        check_range(GB / 2, GB / 2);
        assert_false(range.global);
        assert_int_equal(unmap(GB, PAGE_SIZE), PAGE_OK);
        check_range(GB / 2, GB);
        assert_true(range.global);
        flushed();
        assert_int_equal(tables_used, tables.mode == &paging_pae ? 3 : 1);
    }
}

/* Root entries that other roots or registers have copies of stay as they are. */
static void fixed_tables_of_the_root(void **state) {
    (void)state;
    static const struct {
        const struct paging_mode *mode;
        uint64_t virt, bytes;
        unsigned tables;
    } parts[] = {
        {&paging_classic, PAGE_OFFSET - 8 * MB, 16 * MB, 4},
        {&paging_pae, 0, 4 * GB, 4},
        {&paging_four_levels, 0xFFFF800000000000, 1024 * GB, 2},
    };
    for (unsigned i = 0; i < 3; i++) {
        uint64_t virt = parts[i].virt, bytes = parts[i].bytes;
        uint64_t last = virt + bytes - PAGE_SIZE;
        tables = start_tables(parts[i].mode, true);
        tables_left = parts[i].tables - 1;
        assert_int_equal(page_root_fill(&tables, virt_addr(virt), bytes), PAGE_NO_MEMORY);
        tables_left = 10;
        assert_int_equal(page_root_fill(&tables, virt_addr(virt), bytes), PAGE_OK);
        assert_int_equal(tables_used, 1 + parts[i].tables);
        uint8_t *root = malloc(PAGE_SIZE);
        memcpy(root, table_memory[0], PAGE_SIZE);

        assert_int_equal(map(last, 0, PAGE_SIZE, READ_WRITE), PAGE_OK);
        assert_int_equal(unmap(last, PAGE_SIZE), PAGE_OK);
        flushed();
        assert_int_equal(tables_used, 1 + parts[i].tables);
        assert_memory_equal(root, table_memory[0], PAGE_SIZE);
        free(root);

        /* The user's part of classic tables is not fixed. */
        if (i == 0) {
            assert_int_equal(unmap(virt, 8 * MB), PAGE_OK);
            flushed();
            assert_int_equal(tables_used, 3);
        }
        assert_int_equal(map(last, 0, PAGE_SIZE, READ_WRITE), PAGE_OK);
        unsigned used = tables_used;
        page_root_drop(&tables, virt_addr(virt), bytes);
        assert_true(mapped(last));
        assert_int_equal(tables_used, used - (i == 0 ? 1 : parts[i].tables - 1));
        assert_int_equal(unmap(last, PAGE_SIZE), PAGE_OK);
        flushed();
        page_root_drop(&tables, virt_addr(virt), bytes);
        assert_int_equal(tables_used, 1);
    }
}

/* ---- protect and split ----------------------------------------------------------------------- */

/* Sets Accessed and Dirty as the processor does. */
static void touch(uint64_t virt) {
    struct page_walk walk = walk_to(virt);
    const struct page_walk_step *leaf = &walk.step[walk.depth - 1];
    put(leaf->table, leaf->index, leaf->entry | PTE_ACCESSED | PTE_DIRTY);
}

static void protect_part_of_a_range(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        uint64_t virt = 64 * MB, bytes = 2 * table_bytes(), part = 3 * PAGE_SIZE;
        uint64_t from = virt + table_bytes() - PAGE_SIZE;
        uint64_t flags = PTE_PRESENT | PTE_USER | PTE_NX | PTE_PCD;
        assert_int_equal(map(virt, virt, bytes, READ_WRITE | PTE_GLOBAL), PAGE_OK);
        touch(from);
        uint64_t touched = large_bytes() ? table_bytes() : PAGE_SIZE;
        assert_int_equal(protect(from, part, flags), PAGE_OK);
        check_range(from, from + part - PAGE_SIZE);
        assert_true(range.global);
        flushed();

        uint64_t marks = PTE_ACCESSED | PTE_DIRTY, old = READ_WRITE | PTE_GLOBAL;
        check_mapped(from, from, PAGE_SIZE, flags | marks);
        check_mapped(from + PAGE_SIZE, from + PAGE_SIZE, 2 * PAGE_SIZE, flags);
        check_mapped(from + PAGE_SIZE - touched, from + PAGE_SIZE - touched, touched - PAGE_SIZE,
                     old | marks);
        check_mapped(from + part, from + part, virt + bytes - from - part, old);
        assert_int_equal(walk_to(from).page_bytes, PAGE_SIZE);

        /* The same again, and over a range of which most is not mapped: nothing to flush. */
        assert_int_equal(protect(from, part, flags), PAGE_OK);
        assert_int_equal(protect(virt + bytes, GB, flags), PAGE_OK);
        assert_false(range.any);
        assert_int_equal(protect(virt - 8 * MB, 8 * MB + PAGE_SIZE, flags), PAGE_OK);
        check_range(virt, virt);
    }
}

static void protect_a_whole_large_page(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        if (!large_bytes()) continue;
        uint64_t virt = 64 * MB, bytes = large_bytes();
        assert_int_equal(map(virt, 3 * virt, bytes, READ_WRITE), PAGE_OK);
        unsigned used = tables_used;
        assert_int_equal(protect(virt, bytes, PTE_PRESENT | PTE_PAT), PAGE_OK);
        check_range(virt, virt + bytes - PAGE_SIZE);
        check_mapped(virt, 3 * virt, bytes, PTE_PRESENT | PTE_PAT);
        assert_int_equal(walk_to(virt).page_bytes, bytes);
        assert_int_equal(tables_used, used);
    }
}

static uint64_t watched, watched_phys;

/* Between any two writes the watched address leads to the same byte, with the same rights. */
static void watch(void) {
    struct page_walk walk = walk_to(watched);
    assert_true(walk.present && walk.writable && walk.user && walk.executable);
    assert_int_equal(walk.phys.value, watched_phys);
}

static void split_keeps_every_byte_in_place(void **state) {
    (void)state;
    FOR_EACH_KIND(kind) {
        if (!large_bytes()) continue;
        uint64_t virt = 64 * MB, phys = 128 * MB, bytes = large_bytes();
        uint64_t flags = READ_WRITE | PTE_USER | PTE_PAT | PTE_GLOBAL | PTE_PWT | 0xE00;
        assert_int_equal(map(virt, phys, bytes, flags), PAGE_OK);
        touch(virt);
        watched = virt + bytes / 2;
        watched_phys = phys + bytes / 2;

        tables_left = 0;
        assert_int_equal(page_split(&tables, virt_addr(virt), &range), PAGE_NO_MEMORY);
        assert_false(range.any);
        assert_int_equal(walk_to(virt).page_bytes, bytes);

        tables_left = 1;
        table_written = watch;
        assert_int_equal(page_split(&tables, virt_addr(virt + 5 * PAGE_SIZE + 7), &range), PAGE_OK);
        table_written = NULL;
        check_mapped(virt, phys, bytes, flags | PTE_ACCESSED | PTE_DIRTY);
        assert_int_equal(walk_to(virt).page_bytes, PAGE_SIZE);
        check_range(virt + 5 * PAGE_SIZE, virt + 5 * PAGE_SIZE);
        assert_true(range.global);
        flushed();
        assert_int_equal(page_split(&tables, virt_addr(virt), &range), PAGE_OK);
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
        assert_int_equal(map(virt, virt, bytes, READ_WRITE), PAGE_OK);
        for (unsigned left = 0; left < 2; left++) { /* one for each end; the first split stays */
            tables_left = left;
            assert_int_equal(unmap(from, to - from), PAGE_NO_MEMORY);
            check_mapped(virt, virt, bytes, READ_WRITE);
            flushed();
        }
        tables_left = 10;
        assert_int_equal(unmap(from, to - from), PAGE_OK);
        check_range(from, to - PAGE_SIZE);
        check_mapped(virt, virt, from - virt, READ_WRITE);
        check_unmapped(from, to - from);
        check_mapped(to, to, virt + bytes - to, READ_WRITE);
        assert_int_equal(unmap(virt, bytes), PAGE_OK);
        flushed();
        assert_int_equal(tables_used, tables.mode == &paging_pae ? 2 : 1);
    }
}

/* One page of a gigabyte: the pud is split, then the pmd. */
static void split_a_gigabyte(void **state) {
    (void)state;
    tables = start_tables(&paging_four_levels, true);
    range = (struct tlb_range){0};
    assert_int_equal(map(GB, 8 * GB, GB, READ_WRITE | PTE_PAT), PAGE_OK);
    assert_int_equal(walk_to(GB).page_bytes, GB);
    assert_int_equal(protect(GB + 5 * MB, PAGE_SIZE, PTE_PRESENT), PAGE_OK);
    check_range(GB + 5 * MB, GB + 5 * MB);
    assert_int_equal(walk_to(GB + 4 * MB).page_bytes, 4 * KB);
    assert_int_equal(walk_to(GB).page_bytes, 2 * MB);
    check_mapped(GB, 8 * GB, 5 * MB, READ_WRITE | PTE_PAT);
    check_mapped(GB + 5 * MB, 8 * GB + 5 * MB, PAGE_SIZE, PTE_PRESENT);
    check_mapped(GB + 5 * MB + PAGE_SIZE, 8 * GB + 5 * MB + PAGE_SIZE, GB - 5 * MB - PAGE_SIZE,
                 READ_WRITE | PTE_PAT);
    assert_int_equal(unmap(GB, GB), PAGE_OK);
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
        cmocka_unit_test(entries_of_the_caller),
        cmocka_unit_test(freed_tables_wait_for_the_flush),
        cmocka_unit_test(one_range_for_many_calls),
        cmocka_unit_test(fixed_tables_of_the_root),
        cmocka_unit_test(protect_part_of_a_range),
        cmocka_unit_test(protect_a_whole_large_page),
        cmocka_unit_test(split_keeps_every_byte_in_place),
        cmocka_unit_test(unmap_part_of_a_large_page),
        cmocka_unit_test(split_a_gigabyte),
    };
    return cmocka_run_group_tests_name("paging", tests, 0, 0);
}
