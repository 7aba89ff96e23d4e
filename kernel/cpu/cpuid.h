/*
 * cpuid.h: what the processor is and can do.
 */
#ifndef CPU_CPUID_H
#define CPU_CPUID_H

#include <stdbool.h>
#include <stdint.h>

struct cpu_features {
    bool has_cpuid; /* a plain 486 has none: then all that follows is false or empty */
    bool has_cr4;   /* it came with the first processors that have features to switch on */
    char vendor[13];
    char brand[49]; /* empty where there is none */
    unsigned family, model, stepping;
    unsigned physical_bits; /* of an address: the others are reserved bits in a PAE entry */
    bool fpu, pse, tsc, msr, pae, cx8, apic, sep, pge, pat, pse36, fxsr, sse, sse2;
    bool smep, smap, umip, nx, long_mode;
};
extern struct cpu_features cpu;

/* PAE with all that we need for it: entries of 8 bytes are changed by CMPXCHG8B. There are models
 * of processors that have the one without the other. */
static inline bool cpu_can_pae(void) {
    return cpu.pae && cpu.cx8;
}

/* Fills in `cpu` (SDM 2A, CPUID). */
void cpuid_detect(void);

/* The raw answer to a leaf: EAX, EBX, ECX, EDX. Only where cpu.has_cpuid. */
void cpuid(uint32_t leaf, uint32_t subleaf, uint32_t registers[4]);

#endif
