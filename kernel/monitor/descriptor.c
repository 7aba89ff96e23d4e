/*
 * descriptor.c: the commands gdt and idt, and descriptors taken apart for other commands.
 * SDM 3A §3.4.5 (segments), §3.5 (system descriptors), §6.11 (gates).
 */
#include <cpu/trap.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <monitor/args.h>
#include <monitor/commands.h>
#include <monitor/descriptor.h>

#define TYPE_ACCESSED 0x1
#define TYPE_WRITE_READ 0x2   /* data: writable; code: readable */
#define TYPE_DOWN_CONFORM 0x4 /* data: expand-down; code: conforming */
#define TYPE_CODE 0x8

#define SELECTOR_TI 0x4
#define GDT_ENTRIES_MAX 32
#define GATE_TASK 5
#define GATE_INTERRUPT 14
#define GATE_TRAP 15

/* A gate of the IDT. */
struct gate {
    uint16_t selector;
    uint32_t offset;
    uint8_t type;
    uint8_t dpl;
    bool present;
};

struct table_register read_gdtr(void) {
    struct table_register gdtr;
    __asm__ volatile("sgdt %0" : "=m"(gdtr));
    return gdtr;
}

struct table_register read_idtr(void) {
    struct table_register idtr;
    __asm__ volatile("sidt %0" : "=m"(idtr));
    return idtr;
}

/* Entry `index` of a descriptor table. */
static void read_entry(uint32_t base, uint32_t index, uint32_t *low, uint32_t *high) {
    const uint32_t *entry = (const uint32_t *)(uintptr_t)(base + index * 8);
    *low = entry[0];
    *high = entry[1];
}

bool segment_read(uint32_t selector, struct segment *segment) {
    struct table_register gdtr = read_gdtr();
    uint32_t low, high;
    if ((selector & ~3u) == 0 || (selector & SELECTOR_TI) || (selector | 7) > gdtr.limit)
        return false;
    read_entry(gdtr.base, selector / 8, &low, &high);

    uint32_t limit = (low & 0xFFFF) | (high & 0xF0000);
    bool granular = high >> 23 & 1;
    *segment = (struct segment){
        .base = low >> 16 | (high & 0xFF) << 16 | (high & 0xFF000000),
        .limit = granular ? limit << 12 | 0xFFF : limit,
        .type = high >> 8 & 15,
        .code_data = high >> 12 & 1,
        .dpl = high >> 13 & 3,
        .present = high >> 15 & 1,
        .big = high >> 22 & 1,
        .granular = granular,
    };
    return true;
}

static struct table_register kernel_gdtr; /* while a copy is in use */

uint16_t gdt_add(uint64_t descriptor) {
    static uint64_t copy[GDT_ENTRIES_MAX];
    struct table_register gdtr = read_gdtr();
    uint32_t entries = (gdtr.limit + 1u) / 8;

    kernel_gdtr = gdtr;
    if (entries >= GDT_ENTRIES_MAX) entries = GDT_ENTRIES_MAX - 1;
    memcpy(copy, (const void *)(uintptr_t)gdtr.base, entries * 8);
    copy[entries] = descriptor;
    gdtr = (struct table_register){(uint16_t)(entries * 8 + 7), (uint32_t)(uintptr_t)copy};
    __asm__ volatile("lgdt %0" : : "m"(gdtr) : "memory");
    return (uint16_t)(entries * 8);
}

void gdt_remove(void) {
    __asm__ volatile("lgdt %0" : : "m"(kernel_gdtr));
}

bool segment_holds(const struct segment *segment, uint32_t offset) {
    bool data = segment->code_data && !(segment->type & TYPE_CODE);
    if (data && (segment->type & TYPE_DOWN_CONFORM))
        return offset > segment->limit && (segment->big || offset <= 0xFFFF);
    return offset <= segment->limit;
}

/* SDM 3A table 3-2. */
static const char *system_type(uint8_t type) {
    static const char *const names[16] = {
        [1] = "TSS 16-bit, available", [2] = "LDT",
        [3] = "TSS 16-bit, busy",      [4] = "call gate 16-bit",
        [5] = "task gate",             [6] = "interrupt gate 16-bit",
        [7] = "trap gate 16-bit",      [9] = "TSS 32-bit, available",
        [11] = "TSS 32-bit, busy",     [12] = "call gate 32-bit",
        [14] = "interrupt gate",       [15] = "trap gate",
    };
    return names[type & 15] ? names[type & 15] : "reserved type";
}

void segment_print_type(const struct segment *segment) {
    uint8_t type = segment->type;
    if (!segment->code_data) {
        printk("%s", system_type(type));
    } else {
        if (type & TYPE_CODE)
            printk("code, execute%s%s", type & TYPE_WRITE_READ ? "/read" : "-only",
                   type & TYPE_DOWN_CONFORM ? ", conforming" : "");
        else
            printk("data, read%s%s", type & TYPE_WRITE_READ ? "/write" : "-only",
                   type & TYPE_DOWN_CONFORM ? ", expand-down" : "");
        printk("%s, %s-bit", type & TYPE_ACCESSED ? ", accessed" : "", segment->big ? "32" : "16");
    }
    if (!segment->present) printk(", not present");
}

bool command_gdt(int argc, char **argv) {
    (void)argc, (void)argv;
    struct table_register gdtr = read_gdtr();
    uint16_t task;
    __asm__ volatile("str %0" : "=r"(task));

    printk("GDT at %08x, limit %x\n", gdtr.base, gdtr.limit);
    printk("selector base     limit    dpl type\n");
    printk("0000     null\n");
    for (uint32_t selector = 8; (selector | 7) <= gdtr.limit; selector += 8) {
        struct segment segment;
        if (!segment_read(selector, &segment)) break;
        printk("%04x     %08x %08x %u   ", selector, segment.base, segment.limit, segment.dpl);
        segment_print_type(&segment);
        printk("%s\n", selector == task ? " (TR)" : "");
    }
    return true;
}

static struct gate read_gate(struct table_register idtr, uint32_t vector) {
    uint32_t low, high;
    read_entry(idtr.base, vector, &low, &high);
    return (struct gate){
        .selector = (uint16_t)(low >> 16),
        .offset = (low & 0xFFFF) | (high & 0xFFFF0000),
        .type = high >> 8 & 31, /* with S, which is 0 in a gate */
        .dpl = high >> 13 & 3,
        .present = high >> 15 & 1,
    };
}

static void print_gate(uint32_t vector, struct gate gate) {
    printk("vector %02x: ", vector);
    if (!gate.present)
        printk("not present\n");
    else if (gate.type == GATE_TASK)
        printk("task gate to TSS %04x, dpl %u\n", gate.selector, gate.dpl);
    else
        printk("%s to %04x:%08x, dpl %u, %u times\n", system_type(gate.type), gate.selector,
               gate.offset, gate.dpl, trap_count(vector));
}

/* Three gates a line, of the vectors that somebody handles. */
static void print_gates(struct table_register idtr, uint32_t vectors) {
    unsigned shown = 0, present = 0;
    for (uint32_t vector = 0; vector < vectors; vector++) {
        struct gate gate = read_gate(idtr, vector);
        if (gate.present) present++;
        if (!gate.present || !trap_is_handled(vector)) continue;
        const char *kind = gate.type == GATE_INTERRUPT ? "int"
                           : gate.type == GATE_TRAP    ? "trap"
                           : gate.type == GATE_TASK    ? "task"
                                                       : "?";
        printk("%02x %-4s %04x:%08x %u", vector, kind, gate.selector, gate.offset, gate.dpl);
        printk(++shown % 3 ? "  " : "\n");
    }
    if (shown % 3) printk("\n");
    printk("%u gates present of %u; %u of them are of vectors that nobody handles\n", present, vectors,
           present - shown);
}

bool command_idt(int argc, char **argv) {
    struct table_register idtr = read_idtr();
    uint32_t vectors = (idtr.limit + 1u) / 8;
    uint32_t vector;

    if (argc == 1) {
        printk("IDT at %08x, limit %x; vector kind selector:offset dpl\n", idtr.base, idtr.limit);
        print_gates(idtr, vectors);
        return true;
    }
    if (!args_hex(argv[1], 0, &vector)) return false;
    if (vector >= vectors)
        printk("vector %x lies beyond the limit of the IDT: it has %x\n", vector, vectors);
    else
        print_gate(vector, read_gate(idtr, vector));
    return true;
}
