/*
 * gdt.c: the kernel's global descriptor table: flat segments for both rings, and two tasks.
 */
#include <cpu/control.h>
#include <cpu/double_fault.h>
#include <cpu/gdt.h>
#include <cpu/tss.h>
#include <stdint.h>

#define PRESENT 0x80
#define DPL(ring) ((ring) << 5)
#define CODE_OR_DATA 0x10
/* With Accessed already set: else loading a segment register writes to the table, and a GDT on a
 * read-only page faults (SDM 3A §3.4.5.1). */
#define TYPE_CODE 0x0B /* execute, read, accessed */
#define TYPE_DATA 0x03 /* read, write, accessed */
#define TYPE_TSS 0x09  /* 32-bit, available */
#define FLAGS_FLAT 0xC /* limit in pages, 32-bit */
#define FLAGS_BYTES 0x0
#define LIMIT_4GB 0xFFFFF

#define DESCRIPTOR(base, limit, access, flags)                                              \
    ((uint64_t)((limit) & 0xFFFF) | (uint64_t)((base) & 0xFFFFFF) << 16 |                   \
     (uint64_t)(access) << 40 | (uint64_t)((limit) >> 16 & 0xF) << 48 |                     \
     (uint64_t)(flags) << 52 | (uint64_t)((base) >> 24 & 0xFF) << 56)

#define FLAT(ring, type) \
    DESCRIPTOR(0u, LIMIT_4GB, PRESENT | DPL(ring) | CODE_OR_DATA | (type), FLAGS_FLAT)

/* Not const: loading the task register sets the busy bit of a TSS descriptor. */
static uint64_t gdt[GDT_ENTRIES] __attribute__((aligned(16))) = {
    0,                  /* 00: null */
    FLAT(0, TYPE_CODE), /* 08: KERNEL_CS */
    FLAT(0, TYPE_DATA), /* 10: KERNEL_DS */
    FLAT(3, TYPE_CODE), /* 18: USER_CS */
    FLAT(3, TYPE_DATA), /* 20: USER_DS */
    0,                  /* 28: TSS_SELECTOR */
    0, 0, 0,            /* 30, 38, 40: of the thread that runs (proc/tls.h) */
    0,                  /* 48: DOUBLE_FAULT_TSS_SELECTOR */
};

static void set_tss(unsigned selector, const struct tss *tss) {
    gdt[selector / 8] =
        DESCRIPTOR((uint32_t)tss, sizeof(*tss) - 1, PRESENT | TYPE_TSS, FLAGS_BYTES);
}

void gdt_reload_task(void) {
    set_tss(TSS_SELECTOR, &kernel_tss); /* not busy: LTR refuses one that is */
    __asm__ volatile("lldt %1\n\t" /* none: after reset there is one at address 0 (SDM 3A table 9-1) */
                     "ltr %0"
                     :
                     : "r"((uint16_t)TSS_SELECTOR), "r"((uint16_t)0)
                     : "memory");
}

void gdt_set_tls(const uint64_t descriptors[TLS_ENTRIES]) {
    for (unsigned i = 0; i < TLS_ENTRIES; i++) gdt[TLS_FIRST + i] = descriptors[i];
}

void gdt_init(void) {
    const struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) gdtr = {sizeof(gdt) - 1, (uint32_t)gdt};

    set_tss(DOUBLE_FAULT_TSS_SELECTOR, double_fault_tss());
    double_fault_set_cr3(read_cr3());
    __asm__ volatile("lgdt %0\n\t" /* step: kernel-gdt */
                     "ljmp %1, $1f\n" /* loads CS */
                     "1:\n\t"
                     "movl %2, %%ds\n\t"
                     "movl %2, %%es\n\t"
                     "movl %2, %%fs\n\t"
                     "movl %2, %%gs\n\t"
                     "movl %2, %%ss"
                     :
                     : "m"(gdtr), "i"(KERNEL_CS), "r"(KERNEL_DS)
                     : "memory");
    gdt_reload_task();
}
