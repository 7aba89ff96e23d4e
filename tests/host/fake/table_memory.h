/*
 * table_memory.h: page tables for host tests: frames in an array, of which every access is checked,
 * with as many tables as the test allows, and the mode with four levels that the kernel does not
 * have.
 */
#ifndef FAKE_TABLE_MEMORY_H
#define FAKE_TABLE_MEMORY_H

#include <mm/table_frames.h>
#include <mm/tlb.h>
#include <string.h>

#define TABLES 1024
#define TABLE_BASE 0x100000ull

static uint8_t table_memory[TABLES][PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static bool table_used[TABLES];
static unsigned tables_used;
static unsigned tables_left = TABLES; /* so many table_alloc() may still hand out */
static void (*table_written)(void);   /* called after each write */
static void (*processor)(void);       /* called before each write: may set A and D */

uint8_t *host_memory = table_memory[0] - TABLE_BASE;
static struct page descriptors[SECTION_FRAMES]; /* of the first 16 MB */
struct page *page_sections[SECTIONS] = {descriptors};
struct mm kernel_mm;

/* SDM 3A §4.5: the pgd is the PML4, the pud the page-directory-pointer table. */
static const struct paging_mode paging_four_levels __attribute__((unused)) = {
    .name = "four levels",
    .levels = 4,
    .entry_bytes = 8,
    .root_mask = 0x000FFFFFFFFFF000,
    .address_mask = 0x000FFFFFFFFFF000,
    .reach = 1ull << 52,
    .usable_flags = ~0ull,
    .user_end = 1ull << 47,
    .fixed_start = 1ull << 47,
    .level = {
        {"pgd", 39, 511, PTE_PRESENT, PTE_PRESENT | PTE_WRITE | PTE_USER},
        {"pud", 30, 511, PTE_PRESENT | PTE_LARGE, PTE_PRESENT | PTE_WRITE | PTE_USER},
        {"pmd", 21, 511, PTE_PRESENT | PTE_LARGE, PTE_PRESENT | PTE_WRITE | PTE_USER},
        {"pte", 12, 511, 0, 0},
    },
};

static inline void check_slot(const void *slot, unsigned bytes) {
    uint64_t at = (uint64_t)((const uint8_t *)slot - table_memory[0]);
    if (at >= sizeof table_memory || !table_used[at / PAGE_SIZE] || at % bytes != 0)
        fail_msg("no entry of a table in use: %llx", (unsigned long long)(at + TABLE_BASE));
}

uint64_t pte_read(const void *slot, unsigned entry_bytes) {
    uint64_t value = 0;
    check_slot(slot, entry_bytes);
    memcpy(&value, slot, entry_bytes);
    return value;
}

static inline void write_slot(void *slot, unsigned entry_bytes, uint64_t value) {
    check_slot(slot, entry_bytes);
    if (entry_bytes == 4 && value > UINT32_MAX) fail_msg("an entry of more than 32 bits");
    memcpy(slot, &value, entry_bytes);
    if (table_written) table_written();
}

void pte_fill(void *slot, unsigned entry_bytes, uint64_t value) {
    if (processor) processor();
    write_slot(slot, entry_bytes, value);
}

bool pte_replace(void *slot, unsigned entry_bytes, uint64_t *expected, uint64_t value) {
    if (processor) processor();
    uint64_t now = pte_read(slot, entry_bytes);
    if (now == *expected) {
        write_slot(slot, entry_bytes, value);
        return true;
    }
    *expected = now;
    return false;
}

uint64_t pte_clear(void *slot, unsigned entry_bytes) {
    if (processor) processor();
    uint64_t old = pte_read(slot, entry_bytes);
    write_slot(slot, entry_bytes, 0);
    return old;
}

phys_addr_t table_alloc(void) {
    if (tables_left == 0) return phys_addr(0);
    for (unsigned i = 0; i < TABLES; i++) {
        if (table_used[i]) continue;
        table_used[i] = true;
        tables_used++;
        tables_left--;
        memset(table_memory[i], 0, PAGE_SIZE);
        descriptors[TABLE_BASE / PAGE_SIZE + i].used_entries = 0;
        return phys_addr(TABLE_BASE + (uint64_t)i * PAGE_SIZE);
    }
    return phys_addr(0);
}

void table_free(phys_addr_t table) {
    uint8_t *memory = phys_to_virt(table);
    check_slot(memory, PAGE_SIZE);
    memset(memory, 0xA5, PAGE_SIZE);
    table_used[(table.value - TABLE_BASE) / PAGE_SIZE] = false;
    tables_used--;
    tables_left++;
}

/* No table but the empty root of a space that is the kernel's. */
static struct mm start_tables(const struct paging_mode *mode, bool large_pages) {
    static struct paging_mode now;
    now = *mode;
    for (unsigned i = 0; i < now.levels; i++)
        if (!large_pages) now.level[i].table_bits &= ~(uint32_t)PTE_LARGE;
    memset(table_used, 0, sizeof table_used);
    tables_used = 0;
    tables_left = TABLES;
    table_written = processor = NULL;
    kernel_mm = (struct mm){&now, table_alloc(), false};
    return kernel_mm;
}

/* Writes an entry of `virt` as nobody but a test would. */
static inline void poke(const struct mm *mm, uint64_t virt, unsigned depth, uint64_t value) {
    write_slot(pte_find_at(mm, virt_addr(virt), depth).slot, mm->mode->entry_bytes, value);
}

/* How many of the entries of a table are not 0. */
static inline uint32_t count_entries(const struct paging_mode *mode, phys_addr_t table) {
    uint32_t count = 0;
    for (unsigned at = 0; at < PAGE_SIZE; at += mode->entry_bytes)
        count += pte_read((uint8_t *)phys_to_virt(table) + at, mode->entry_bytes) != 0;
    return count;
}

#endif
