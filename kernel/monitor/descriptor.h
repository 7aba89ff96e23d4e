/*
 * descriptor.h: segment and gate descriptors, taken apart. The bits are drawn in cpu/gdt.h and
 * cpu/idt.h.
 */
#ifndef MONITOR_DESCRIPTOR_H
#define MONITOR_DESCRIPTOR_H

#include <stdbool.h>
#include <stdint.h>

/* A segment or system descriptor of the GDT (SDM 3A §3.4.5). */
struct segment {
    uint32_t base;
    uint32_t limit; /* last valid offset, in bytes: G is applied */
    uint8_t type;   /* 4 bits */
    bool code_data; /* S: code or data; else a system descriptor */
    uint8_t dpl;
    bool present;
    bool big;      /* D/B: 32-bit */
    bool granular; /* G: the limit counts 4 KB */
};

/* GDTR or IDTR, as SGDT and SIDT store it. */
struct table_register {
    uint16_t limit;
    uint32_t base;
} __attribute__((packed));

struct table_register read_gdtr(void);
struct table_register read_idtr(void);

/* Takes the selector's descriptor apart. False when the selector is null, names an LDT (the kernel
 * has none) or lies beyond the limit of the GDT. */
bool segment_read(uint32_t selector, struct segment *segment);

/*
 * Loads a copy of the GDT with one more descriptor, and answers its selector. gdt_remove() loads the
 * kernel's own again; segment registers must not hold that selector by then.
 */
uint16_t gdt_add(uint64_t descriptor);
void gdt_remove(void);

/* Prints the kind of segment in words: "code, execute/read, accessed, 32-bit". */
void segment_print_type(const struct segment *segment);

/* Is `offset` within the segment? Expand-down segments are valid above their limit (§3.4.5.1). */
bool segment_holds(const struct segment *segment, uint32_t offset);

#endif
