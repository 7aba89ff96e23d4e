/*
 * cpuid.c: what the processor is and can do (SDM 2A, CPUID).
 */
#include <ascent/chapter.h>
#include <ascent/eflags.h>
#include <cpu/cpuid.h>
#include <lib/string.h>

#define LEAF_EXTENDED 0x80000000u
#define LEAF_BRAND_FIRST 0x80000002u
#define LEAF_BRAND_LAST 0x80000004u
#define LEAF_ADDRESS_BITS 0x80000008u

enum { EAX, EBX, ECX, EDX };

struct cpu_features cpu = {.vendor = "unknown", .physical_bits = 32};

void cpuid(uint32_t leaf, uint32_t subleaf, uint32_t registers[4]) {
    __asm__ volatile("cpuid"
                     : "=a"(registers[EAX]), "=b"(registers[EBX]), "=c"(registers[ECX]),
                       "=d"(registers[EDX])
                     : "a"(leaf), "c"(subleaf));
}

/* Leaf 1, EAX: extended fields are added where the base fields are at their end. */
static void read_signature(uint32_t eax) {
    cpu.stepping = eax & 15;
    cpu.model = eax >> 4 & 15;
    cpu.family = eax >> 8 & 15;
    if (cpu.family == 6 || cpu.family == 15) cpu.model |= eax >> 12 & 0xF0;
    if (cpu.family == 15) cpu.family += eax >> 20 & 0xFF;
}

/*
 * Where no leaf tells how many address bits there are, it is 36 with PAE, in general (SDM 3A
 * §4.1.4). But QEMU's qemu32 has PAE and 32 bits. PSE-36 tells the two apart; only the Pentium Pro
 * has 36 and not that, and loses what is above 4 GB.
 */
static void read_features(uint32_t edx) {
    cpu.fpu = edx >> 0 & 1;
    cpu.pse = edx >> 3 & 1;
    cpu.tsc = edx >> 4 & 1;
    cpu.msr = edx >> 5 & 1;
    cpu.pae = edx >> 6 & 1;
    cpu.cx8 = edx >> 8 & 1;
    cpu.apic = edx >> 9 & 1;
    cpu.sep = edx >> 11 & 1;
    cpu.pge = edx >> 13 & 1;
    cpu.pat = edx >> 16 & 1;
    cpu.pse36 = edx >> 17 & 1;
    cpu.fxsr = edx >> 24 & 1;
    cpu.sse = edx >> 25 & 1;
    cpu.sse2 = edx >> 26 & 1;
    if (cpu.pse36) cpu.physical_bits = 36;
}

static void read_extended(uint32_t last) {
    uint32_t r[4];

    if (last < LEAF_EXTENDED + 1) return;
    cpuid(LEAF_EXTENDED + 1, 0, r);
    cpu.nx = r[EDX] >> 20 & 1;
    cpu.long_mode = r[EDX] >> 29 & 1;
    if (last < LEAF_BRAND_LAST) return;
    for (uint32_t leaf = LEAF_BRAND_FIRST; leaf <= LEAF_BRAND_LAST; leaf++) {
        cpuid(leaf, 0, r);
        memcpy(cpu.brand + (leaf - LEAF_BRAND_FIRST) * sizeof(r), r, sizeof(r));
    }
    if (last < LEAF_ADDRESS_BITS) return;
    cpuid(LEAF_ADDRESS_BITS, 0, r);
    uint32_t bits = r[EAX] & 0xFF;
    if (bits >= 32 && bits <= 52) cpu.physical_bits = bits;
}

/* What a later chapter explains is not used (make checkpoint). */
static void leave_out_later_chapters(void) {
    cpu.pse = cpu.pse && chapter_has(15);
    cpu.pge = cpu.pge && chapter_has(16);
    cpu.nx = cpu.nx && chapter_has(17);
    cpu.smep = cpu.smep && chapter_has(17);
    cpu.smap = cpu.smap && chapter_has(17);
    cpu.umip = cpu.umip && chapter_has(17);
}

void cpuid_detect(void) {
    uint32_t r[4];

    cpu.has_cpuid = eflags_can_change(EFLAGS_ID);
    if (!cpu.has_cpuid) return;
    cpuid(0, 0, r);
    uint32_t last = r[EAX];
    memcpy(cpu.vendor, &r[EBX], 4);
    memcpy(cpu.vendor + 4, &r[EDX], 4);
    memcpy(cpu.vendor + 8, &r[ECX], 4);
    cpu.vendor[12] = 0;
    if (last >= 1) {
        cpuid(1, 0, r);
        read_signature(r[EAX]);
        read_features(r[EDX]);
        cpu.has_cr4 = cpu.family >= 5 || cpu.pse || cpu.tsc || cpu.pae || cpu.pge;
    }
    if (last >= 7) {
        cpuid(7, 0, r);
        cpu.smep = r[EBX] >> 7 & 1;
        cpu.smap = r[EBX] >> 20 & 1;
        cpu.umip = r[ECX] >> 2 & 1;
    }
    cpuid(LEAF_EXTENDED, 0, r);
    if (r[EAX] > LEAF_EXTENDED && r[EAX] < LEAF_EXTENDED + 0x10000) read_extended(r[EAX]);
    leave_out_later_chapters();
}
