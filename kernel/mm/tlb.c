/*
 * tlb.c: flushes. SDM 3A §4.10.4.1 lists what each instruction invalidates.
 */
#include <cpu/control.h>
#include <cpu/cpuid.h>
#include <mm/tlb.h>

#define PAGES_ONE_BY_ONE 33 /* Linux's limit too: beyond it, filling again costs less */

struct tlb_counts tlb_counts;

void tlb_flush_page(virt_addr_t virt) {
    tlb_counts.page++;
    __asm__ volatile("invlpg (%0)" : : "r"(virt.value) : "memory");
}

void tlb_flush_range(struct tlb_range *range) {
    if (range->any) {
        uint32_t pages = (uint32_t)((range->last.value - range->first.value) / PAGE_SIZE) + 1;
        tlb_counts.range++;
        if (pages > PAGES_ONE_BY_ONE && range->global)
            tlb_flush_all_global();
        else if (pages > PAGES_ONE_BY_ONE)
            tlb_flush_all();
        else
            for (uint32_t i = 0; i < pages; i++)
                tlb_flush_page(virt_addr(range->first.value + i * PAGE_SIZE));
    }
    page_free_tables(range);
    *range = (struct tlb_range){.any = false};
}

void tlb_flush_all(void) {
    tlb_counts.all++;
    write_cr3(read_cr3());
}

/* Changing CR4.PGE flushes all. Without PGE nothing is global. */
void tlb_flush_all_global(void) {
    if (!cpu.pge) {
        tlb_flush_all();
        return;
    }
    tlb_counts.all_global++;
    write_cr4(read_cr4() & ~CR4_PGE);
    write_cr4(read_cr4() | CR4_PGE);
}
