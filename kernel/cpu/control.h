/*
 * control.h: the registers and instructions that C has no name for (SDM 3A §2.5, SDM 2).
 */
#ifndef CPU_CONTROL_H
#define CPU_CONTROL_H

#include <ascent/eflags.h>
#include <ascent/io.h>
#include <stdbool.h>
#include <stdint.h>

#define CR0_PE 0x00000001u /* protected mode */
#define CR0_MP 0x00000002u
#define CR0_EM 0x00000004u /* no x87: its instructions fault */
#define CR0_TS 0x00000008u /* x87 registers belong to another task */
#define CR0_ET 0x00000010u
#define CR0_NE 0x00000020u /* x87 errors are exceptions, not interrupts */
#define CR0_WP 0x00010000u /* read-only pages also bind ring 0 */
#define CR0_NW 0x20000000u
#define CR0_CD 0x40000000u /* caches are off */
#define CR0_PG 0x80000000u /* paging */

#define CR4_PSE 0x00000010u /* 4 MB pages */
#define CR4_PAE 0x00000020u /* three-level tables */
#define CR4_PGE 0x00000080u /* global pages */
#define CR4_UMIP 0x00000800u
#define CR4_SMEP 0x00100000u
#define CR4_SMAP 0x00200000u

#define MSR_EFER 0xC0000080u
#define EFER_NXE 0x00000800u /* the NX bit of PAE entries counts */

#define CONTROL_REGISTER(name)                                                 \
    static inline uint32_t read_##name(void) {                                 \
        uint32_t value;                                                        \
        __asm__ volatile("movl %%" #name ", %0" : "=r"(value) : : "memory");   \
        return value;                                                          \
    }                                                                          \
    static inline void write_##name(uint32_t value) {                          \
        __asm__ volatile("movl %0, %%" #name : : "r"(value) : "memory");       \
    }
CONTROL_REGISTER(cr0)
CONTROL_REGISTER(cr2)
CONTROL_REGISTER(cr3)
CONTROL_REGISTER(cr4) /* not on a 486 without CPUID: see cpu.has_cr4 */
#undef CONTROL_REGISTER

/* Drops the TLB entry of the page at virtual `address`, global or not (SDM 3A §4.10.4.1). */
static inline void invlpg(uint32_t address) {
    __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

static inline uint64_t rdmsr(uint32_t msr) {
    uint64_t value;
    __asm__ volatile("rdmsr" : "=A"(value) : "c"(msr));
    return value;
}

static inline void wrmsr(uint32_t msr, uint64_t value) {
    __asm__ volatile("wrmsr" : : "c"(msr), "A"(value) : "memory");
}

static inline uint64_t rdtsc(void) {
    uint64_t value;
    __asm__ volatile("rdtsc" : "=A"(value));
    return value;
}

static inline void hlt(void) {
    __asm__ volatile("hlt" : : : "memory");
}

static inline void cli(void) {
    __asm__ volatile("cli" : : : "memory");
}

static inline void sti(void) {
    __asm__ volatile("sti" : : : "memory");
}

/* Interrupts off; returns EFLAGS as they were, for irq_restore(). */
static inline uint32_t irq_save(void) {
    uint32_t eflags;
    __asm__ volatile("pushfl; popl %0; cli" : "=r"(eflags) : : "memory");
    return eflags;
}

static inline void irq_restore(uint32_t eflags) {
    if (eflags & EFLAGS_IF) sti();
}

static inline bool irqs_are_on(void) {
    uint32_t eflags;
    __asm__("pushfl; popl %0" : "=r"(eflags) : : "memory");
    return eflags & EFLAGS_IF;
}

/* Nothing more to do, for ever. */
static inline void __attribute__((noreturn)) stop(void) {
    for (;;) {
        cli();
        hlt();
    }
}

#endif
