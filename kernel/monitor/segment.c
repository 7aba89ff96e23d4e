/*
 * segment.c: the command segment: the same offset in two segments, and the two bytes that it names.
 * SDM 3A §3.4. Chapter: docs/10-flat-model-vs-segments.md.
 */
#include <lib/printk.h>
#include <mm/mm.h>
#include <monitor/args.h>
#include <monitor/commands.h>
#include <monitor/descriptor.h>

#define BYTES 8

/* A data segment of ring 0 from `base` to the end: present, writable, accessed, 32-bit, in pages. */
static uint64_t data_from(uint32_t base) {
    return 0x00CF93000000FFFFull | (uint64_t)(base & 0xFFFFFF) << 16 |
           (uint64_t)(base >> 24) << 56;
}

static bool mapped(uint32_t linear) {
    struct page_walk walk;
    page_walk(&kernel_tables, virt_addr(linear), &walk);
    return walk.present;
}

static uint8_t read_ds(uint32_t offset) {
    uint8_t byte;
    __asm__ volatile("movb (%1), %0" : "=q"(byte) : "r"(offset));
    return byte;
}

static uint8_t read_fs(uint32_t offset) {
    uint8_t byte;
    __asm__ volatile("movb %%fs:(%1), %0" : "=q"(byte) : "r"(offset));
    return byte;
}

static void print_bytes(const char *name, uint32_t base, uint32_t offset) {
    printk("%s:%08x  linear %08x ", name, offset, base + offset);
    if (!mapped(base + offset) || !mapped(base + offset + BYTES - 1)) {
        printk(" not mapped\n");
        return;
    }
    for (uint32_t i = 0; i < BYTES; i++)
        printk(" %02x", base ? read_fs(offset + i) : read_ds(offset + i));
    printk("\n");
}

bool command_segment(int argc, char **argv) {
    (void)argc;
    uint32_t base;
    if (!args_hex(argv[1], 0, &base)) return false;

    uint16_t selector = gdt_add(data_from(base));
    __asm__ volatile("movw %0, %%fs" : : "r"(selector));
    printk("ds = 0010: base 00000000; fs = %04x: base %08x\n", selector, base);
    print_bytes("ds", 0, 0);
    print_bytes("fs", base, 0);
    print_bytes("ds", 0, base);
    __asm__ volatile("movw %0, %%fs" : : "r"((uint16_t)0x10));
    gdt_remove();
    return true;
}
