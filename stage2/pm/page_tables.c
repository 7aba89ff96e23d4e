/*
 * page_tables.c: the loader's page tables, filled in and then checked. Contract in paging.h.
 *
 * Protected mode, no paging. 32-bit paging, SDM 3A §4.3: linear address bits 31-22 choose an
 * entry of the page directory, bits 21-12 one of a page table, bits 11-0 are the offset.
 */
#include "page_tables.h"

#include <ascent/layout.h>
#include <stdbool.h>

#include "boot.h"
#include "page_directory.h"
#include "paging.h"

#define LARGE_PAGE_MASK (~(uint32_t)(LARGE_PAGE_SIZE - 1))

#define CR4_PSE 0x10

uint32_t handover_cr3, handover_cr4, handover_entry;
bool handover_has_cr4, handover_has_efer;

extern const uint8_t handover_after_pg[]; /* handover.asm: runs right after CR0.PG is set */
extern const uint8_t gdt[];

/* lab 7: begin */
static void fill_table(uint32_t *table, uint32_t phys) {
    for (uint32_t i = 0; i < TABLE_ENTRIES; i++) table[i] = (phys + i * PAGE_SIZE) | PAGE_RW | PAGE_P;
}

static void build(uint32_t *directory) {
    bool large = boot_info.flags & BOOT_PSE_TABLES;

    for (uint32_t i = 0; i < TABLE_ENTRIES; i++) directory[i] = 0; /* RAM is not zero at start */
    for (uint32_t i = 0; i < boot_info.mapped_bytes / LARGE_PAGE_SIZE; i++) {
        uint32_t entry = i * LARGE_PAGE_SIZE | PAGE_PS;
        if (!large) {
            entry = boot_info.page_tables_phys + i * PAGE_SIZE;
            fill_table((uint32_t *)entry, i * LARGE_PAGE_SIZE);
        }
        directory[i] = entry | PAGE_RW | PAGE_P;
        directory[i + (PAGE_OFFSET >> PDE_SHIFT)] = entry | PAGE_RW | PAGE_P;
    }
}
/* lab 7: end */

/* The walk that the processor will do, in software. False where it would fault. */
static bool walk(const uint32_t *directory, uint32_t linear, uint32_t *phys) {
    uint32_t pde = directory[linear >> PDE_SHIFT];

    if (!(pde & PAGE_P)) return false;
    if (pde & PAGE_PS) {
        *phys = (pde & LARGE_PAGE_MASK) | (linear & ~LARGE_PAGE_MASK);
        return boot_info.flags & BOOT_PSE_TABLES;
    }
    uint32_t pte = ((const uint32_t *)(pde & ADDRESS_MASK))[linear / PAGE_SIZE % TABLE_ENTRIES];
    *phys = (pte & ADDRESS_MASK) | (linear & ~ADDRESS_MASK);
    return pte & PAGE_P;
}

/* Everything that the processor touches on its way to the kernel, with its physical address. */
static bool check(const uint32_t *directory, uint32_t *wrong) {
    const struct {
        uint32_t linear, phys;
    } needed[] = {
        {(uint32_t)handover_after_pg, (uint32_t)handover_after_pg},          /* EIP */
        {STACK_TOP - 4, STACK_TOP - 4},                                      /* ESP */
        {(uint32_t)gdt, (uint32_t)gdt},                                      /* GDTR */
        {PAGE_OFFSET + STACK_TOP - 4, STACK_TOP - 4},                        /* the kernel's ESP */
        {PAGE_OFFSET + BOOT_INFO_ADDR, BOOT_INFO_ADDR},                      /* its EBX */
        {boot_info.kernel_entry, boot_info.kernel_entry - PAGE_OFFSET},      /* its EIP */
        {PAGE_OFFSET + boot_info.kernel_phys_end - 1, boot_info.kernel_phys_end - 1},
        {PAGE_OFFSET + VGA_TEXT_ADDR, VGA_TEXT_ADDR},
    };

    for (uint32_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        uint32_t phys;
        *wrong = needed[i].linear;
        if (!walk(directory, needed[i].linear, &phys) || phys != needed[i].phys) return false;
    }
    return true;
}

void page_tables_build(void) {
    build(page_directory());
    handover_cr3 = boot_info.page_directory_phys;
    handover_has_cr4 = boot_info.cpu_flags & BOOT_CPU_CR4;
    handover_has_efer = boot_info.cpu_flags & BOOT_CPU_LONG;
    handover_cr4 = boot_info.flags & BOOT_PSE_TABLES ? CR4_PSE : 0;
    handover_entry = boot_info.kernel_entry;
}

void page_tables_check(void) {
    uint32_t wrong;

    if (!check((const uint32_t *)handover_cr3, &wrong)) pm_fail(E_PAGE_WALK, "address", wrong);
}
