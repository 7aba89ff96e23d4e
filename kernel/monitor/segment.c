/*
 * segment.c: the command segment: the same offset in two segments, and the two bytes that it names.
 * SDM 3A §3.4. Chapter: docs/10-flat-model-vs-segments.md.
 */
#include <cpu/fixup.h>
#include <lib/printk.h>
#include <monitor/args.h>
#include <monitor/commands.h>
#include <monitor/descriptor.h>

#define BYTES 8

/* A data segment of ring 0 from `base` to the end: present, writable, accessed, 32-bit, in pages. */
static uint64_t data_from(uint32_t base) {
    return 0x00CF93000000FFFFull | (uint64_t)(base & 0xFFFFFF) << 16 |
           (uint64_t)(base >> 24) << 56;
}

static bool can_read(uint32_t linear) {
    uint8_t bytes[BYTES];
    return try_copy(bytes, (const void *)linear, BYTES) == 0;
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

/* The same bytes under another name: a segment's base and an offset. */
struct view {
    const char *name;
    uint32_t base, offset;
    bool mapped;
    uint8_t bytes[BYTES];
};

static void read_view(struct view *view) {
    uint32_t linear = view->base + view->offset;

    view->mapped = can_read(linear);
    for (uint32_t i = 0; view->mapped && i < BYTES; i++)
        view->bytes[i] = view->base ? read_fs(view->offset + i) : read_ds(view->offset + i);
}

static void print_view(const struct view *view) {
    printk("%s:%08x  linear %08x ", view->name, view->offset, view->base + view->offset);
    if (!view->mapped) printk(" not mapped");
    for (uint32_t i = 0; view->mapped && i < BYTES; i++) printk(" %02x", view->bytes[i]);
    printk("\n");
}

/* All is read before anything is printed: the bytes may be those of the screen. */
bool command_segment(int argc, char **argv) {
    (void)argc;
    uint32_t base;
    if (!args_hex(argv[1], 0, &base)) return false;

    struct view views[] = {{.name = "ds"}, {.name = "fs", .base = base}, {.name = "ds", .offset = base}};
    uint16_t selector = gdt_add(data_from(base));
    __asm__ volatile("movw %0, %%fs" : : "r"(selector));
    for (int i = 0; i < 3; i++) read_view(&views[i]);
    __asm__ volatile("movw %0, %%fs" : : "r"((uint16_t)0x10));
    gdt_remove();

    printk("ds = 0010: base 00000000; fs = %04x: base %08x\n", selector, base);
    for (int i = 0; i < 3; i++) print_view(&views[i]);
    return true;
}
