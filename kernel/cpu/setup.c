/*
 * setup.c: what the kernel switches on in the processor (SDM 3A §2.5).
 */
#include <cpu/control.h>
#include <cpu/cpuid.h>
#include <cpu/setup.h>

uint8_t smap_is_on;

/* After reset the caches are off (SDM 3A §11.5.3), and x87 errors come on an interrupt line, as in the
 * first PC. */
void cpu_setup(void) {
    write_cr0((read_cr0() & ~(CR0_CD | CR0_NW)) | CR0_MP | CR0_NE);
}

/* PGE: global pages stay in the TLB when CR3 is loaded. SMEP, SMAP: ring 0 does not execute, does not
 * touch user pages. UMIP: no SGDT and the like in ring 3. */
void cpu_protect(void) {
    if (!cpu.has_cr4) return;
    uint32_t cr4 = read_cr4();
    if (cpu.pge) cr4 |= CR4_PGE;
    if (cpu.smep) cr4 |= CR4_SMEP;
    if (cpu.smap) cr4 |= CR4_SMAP;
    if (cpu.umip) cr4 |= CR4_UMIP;
    write_cr4(cr4);
    smap_is_on = cpu.smap;
}
