/*
 * tlb.c: the instructions that flush. SDM 3A §4.10.4.1 lists what each instruction invalidates.
 */
#include <cpu/control.h>
#include <cpu/cpuid.h>
#include <mm/tlb.h>

struct tlb_counts tlb_counts;
static const struct mm *loaded = &kernel_mm;

void mm_load(const struct mm *mm) {
    loaded = mm;
    write_cr3((uint32_t)mm->root.value);
}

const struct mm *mm_loaded(void) {
    return loaded;
}

void tlb_flush_page(const struct mm *mm, virt_addr_t virt) {
    if (!tlb_may_hold(mm, virt)) return;
    tlb_counts.page++;
    invlpg((uint32_t)virt.value);
}

void tlb_flush_all(const struct mm *mm) {
    if (mm != loaded) return;
    tlb_counts.all++;
    write_cr3(read_cr3());
}

/* Changing CR4.PGE flushes all. Without PGE nothing is global. */
void tlb_flush_all_global(void) {
    if (!cpu.pge) {
        tlb_flush_all(loaded);
        return;
    }
    tlb_counts.all_global++;
    write_cr4(read_cr4() & ~CR4_PGE);
    write_cr4(read_cr4() | CR4_PGE);
}
