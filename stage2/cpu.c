/*
 * cpu.c: which processor is this? Real mode or protected mode.
 */
#include "cpu.h"

#include <ascent/boot_info.h>
#include <ascent/eflags.h>
#include <stdbool.h>

#include "boot.h"

#define CPUID_FPU (1u << 0)
#define CPUID_TSC (1u << 4) /* leaf 1, EDX (SDM 2A, CPUID) */
#define CPUID_PSE (1u << 3)
#define CPUID_PAE (1u << 6)
#define CPUID_NX (1u << 20) /* leaf 80000001h, EDX */
#define CPUID_LONG (1u << 29)

/* A function of its own, so that a test can play the older processor. */
static bool __attribute__((noinline)) flag_changes(uint32_t flag) {
    return eflags_can_change(flag);
}

static uint32_t cpuid_eax(uint32_t leaf) {
    uint32_t eax = leaf;

    __asm__ volatile("cpuid" : "+a"(eax) : : "ebx", "ecx", "edx");
    return eax;
}

static uint32_t cpuid_edx(uint32_t leaf) {
    uint32_t eax = leaf, edx;

    __asm__ volatile("cpuid" : "+a"(eax), "=d"(edx) : : "ebx", "ecx");
    return edx;
}

enum boot_error cpu_check(void) {
    if (!flag_changes(EFLAGS_AC)) return E_CPU_TOO_OLD;
    if (!flag_changes(EFLAGS_ID)) return BOOT_OK; /* a 486 without CPUID */

    boot_info.cpu_flags |= BOOT_CPU_CPUID;
    if (cpuid_eax(0) < 1) return BOOT_OK;
    uint32_t features = cpuid_edx(1);
    /* CR4 came with the features that it switches on; a 486 may have CPUID and no CR4 (SDM 3A §2.5). */
    if (features & ~CPUID_FPU) boot_info.cpu_flags |= BOOT_CPU_CR4;
    if (features & CPUID_TSC) boot_info.cpu_flags |= BOOT_CPU_TSC;
    if (features & CPUID_PSE) boot_info.cpu_flags |= BOOT_CPU_PSE;
    if (features & CPUID_PAE) boot_info.cpu_flags |= BOOT_CPU_PAE;
    if (cpuid_eax(0x80000000) <= 0x80000000) return BOOT_OK;
    features = cpuid_edx(0x80000001);
    if (features & CPUID_NX) boot_info.cpu_flags |= BOOT_CPU_NX;
    if (features & CPUID_LONG) boot_info.cpu_flags |= BOOT_CPU_LONG;
    return BOOT_OK;
}
