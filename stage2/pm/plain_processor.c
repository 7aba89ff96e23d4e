/*
 * plain_processor.c: what the firmware may have left switched on, off again, for a kernel that sets
 * CR0.PG itself. Protected mode, no paging; handover.asm does the same for our own kernel.
 *
 * With CR4.PAE or IA32_EFER.LME its page tables would be read as others than they are (SDM 3A §4.1.1).
 */
#include "boot.h"
#include "kernel_kind.h"

#define EFER 0xC0000080u /* IA32_EFER, a model-specific register (SDM 3A §2.2.1) */
#define EFER_LME 0x100u

void plain_processor(void) {
    if (boot_info.cpu_flags & BOOT_CPU_CR4) __asm__ volatile("movl %0, %%cr4" : : "r"(0));
    if (!(boot_info.cpu_flags & BOOT_CPU_LONG)) return;
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(EFER));
    low &= ~EFER_LME;
    __asm__ volatile("wrmsr" : : "a"(low), "d"(high), "c"(EFER));
}
