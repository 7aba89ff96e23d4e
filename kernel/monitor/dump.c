/*
 * dump.c: the command x: a hex dump of virtual memory. What is not mapped faults, and the copy says so.
 */
#include <ascent/layout.h>
#include <cpu/fixup.h>
#include <lib/printk.h>
#include <monitor/args.h>
#include <monitor/commands.h>
#include <monitor/dump.h>

#define ROW_BYTES 16u
#define DEFAULT_BYTES 64
#define MOST_BYTES 4096

/* "c0100000  55 89 e5 ...  U..." for the `count` (1 to 16) bytes of `address`. */
static void print_row(uint32_t address, const uint8_t *bytes, unsigned count) {
    printk("%08x ", address);
    for (unsigned i = 0; i < ROW_BYTES; i++) {
        if (i % 8 == 0) printk(" ");
        if (i < count) printk("%02x ", bytes[i]);
        else printk("   ");
    }
    printk(" ");
    for (unsigned i = 0; i < count; i++)
        printk("%c", bytes[i] >= ' ' && bytes[i] < 0x7F ? bytes[i] : '.');
    printk("\n");
}

void dump_print(const uint8_t *bytes, uint32_t address, unsigned count) {
    for (unsigned at = 0; at < count; at += ROW_BYTES)
        print_row(address + at, bytes + at, count - at < ROW_BYTES ? count - at : ROW_BYTES);
}

bool command_x(int argc, char **argv) {
    uint32_t address, bytes = DEFAULT_BYTES;
    if (!args_hex(argv[1], 0, &address)) return false;
    if (argc > 2 && !args_count(argv[2], &bytes)) return false;
    if (bytes == 0 || bytes > MOST_BYTES) {
        printk("x: 1 to %d bytes, please\n", MOST_BYTES);
        return true;
    }

    while (bytes > 0) {
        uint32_t page_left = PAGE_SIZE - address % PAGE_SIZE;
        uint32_t count = bytes < ROW_BYTES ? bytes : ROW_BYTES;
        uint8_t row[ROW_BYTES];
        if (count > page_left) count = page_left;
        if (try_copy(row, (const void *)(uintptr_t)address, count)) {
            count = bytes < page_left ? bytes : page_left;
            printk("%08x  not mapped\n", address);
        } else {
            print_row(address, row, count);
        }
        address += count;
        bytes -= count;
        if (address == 0) return true; /* the end of the address space */
    }
    return true;
}
