/*
 * tlb.c: the instructions that flush. SDM 3A §4.10.4.1 lists what each instruction invalidates.
 */
#include <cpu/control.h>
#include <cpu/cpuid.h>
#include <mm/tlb.h>

struct tlb_counts tlb_counts;

void tlb_flush_page(virt_addr_t virt) {
    tlb_counts.page++;
    __asm__ volatile("invlpg (%0)" : : "r"(virt.value) : "memory");
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
