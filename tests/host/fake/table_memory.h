/*
 * table_memory.h: page tables for host tests: an array, of which every access is checked, with as
 * many tables as the test allows, and the mode with four levels that the kernel does not have.
 */
#ifndef FAKE_TABLE_MEMORY_H
#define FAKE_TABLE_MEMORY_H

#include <mm/paging_change.h>
#include <string.h>

#define TABLES 1024
#define TABLE_BASE 0x100000ull

static uint8_t table_memory[TABLES][PAGE_SIZE];
static bool table_used[TABLES];
static unsigned tables_used;
static unsigned tables_left = TABLES; /* so many table_alloc() may still hand out */
static void (*table_written)(void);   /* called after each write */

/* SDM 3A §4.5: the pgd is the PML4, the pud the page-directory-pointer table. */
static const struct paging_mode paging_four_levels __attribute__((unused)) = {
    .name = "four levels",
    .levels = 4,
    .entry_bytes = 8,
    .root_mask = 0x000FFFFFFFFFF000,
    .address_mask = 0x000FFFFFFFFFF000,
    .reach = 1ull << 52,
    .fixed_root = 256, /* the kernel's half */
    .level = {
        {"pgd", 39, 9, false, PTE_PRESENT | PTE_WRITE | PTE_USER},
        {"pud", 30, 9, true, PTE_PRESENT | PTE_WRITE | PTE_USER},
        {"pmd", 21, 9, true, PTE_PRESENT | PTE_WRITE | PTE_USER},
        {"pte", 12, 9, false, 0},
    },
};

static inline uint8_t *table_entry(phys_addr_t entry, unsigned entry_bytes) {
    uint64_t number = (entry.value - TABLE_BASE) / PAGE_SIZE;

    if (entry.value < TABLE_BASE || number >= TABLES || !table_used[number] ||
        entry.value % entry_bytes != 0)
        fail_msg("no entry of a table in use: %llx", (unsigned long long)entry.value);
    return &table_memory[number][entry.value % PAGE_SIZE];
}

uint64_t table_entry_read(phys_addr_t entry, unsigned entry_bytes) {
    const uint8_t *bytes = table_entry(entry, entry_bytes);
    uint64_t value = 0;
    if (entry_bytes == 8) memcpy(&value, bytes, 8);
    else memcpy(&value, bytes, 4);
    return value;
}

void table_entry_write(phys_addr_t entry, unsigned entry_bytes, uint64_t value) {
    uint8_t *bytes = table_entry(entry, entry_bytes);
    if (entry_bytes == 8) memcpy(bytes, &value, 8);
    else memcpy(bytes, &value, 4);
    if (entry_bytes == 4 && value > UINT32_MAX) fail_msg("an entry of more than 32 bits");
    if (table_written) table_written();
}

phys_addr_t table_alloc(void) {
    if (tables_left == 0) return phys_addr(0);
    for (unsigned i = 0; i < TABLES; i++) {
        if (table_used[i]) continue;
        table_used[i] = true;
        tables_used++;
        tables_left--;
        memset(table_memory[i], 0, PAGE_SIZE);
        return phys_addr(TABLE_BASE + (uint64_t)i * PAGE_SIZE);
    }
    return phys_addr(0);
}

void table_free(phys_addr_t table) {
    memset(table_entry(table, PAGE_SIZE), 0xA5, PAGE_SIZE);
    table_used[(table.value - TABLE_BASE) / PAGE_SIZE] = false;
    tables_used--;
    tables_left++;
}

/* No table but an empty root. */
static struct page_tables start_tables(const struct paging_mode *mode, bool large_pages) {
    memset(table_used, 0, sizeof table_used);
    tables_used = 0;
    tables_left = TABLES;
    table_written = NULL;
    uint64_t usable = mode->entry_bytes == 8 ? ~0ull : ~PTE_NX;
    return (struct page_tables){mode, table_alloc(), usable, large_pages};
}

/* The flags of the page that a walk ended at, as page_map() was given them. */
static inline uint64_t flags_of(const struct page_walk *walk) {
    uint64_t entry = walk->step[walk->depth - 1].entry;
    uint64_t flags = entry & (0xFFFull | ~0ull << 52);

    if (walk->page_bytes == PAGE_SIZE) return flags;
    assert_true(flags & PTE_LARGE);
    return entry & PTE_PAT_LARGE ? flags : flags & ~PTE_PAT;
}

#endif
