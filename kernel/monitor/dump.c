/*
 * dump.c: the command x: a hex dump of virtual memory that asks the page tables first, so that it
 * never faults.
 */
#include <lib/printk.h>
#include <mm/mm.h>
#include <monitor/args.h>
#include <monitor/commands.h>

#define ROW_BYTES 16u
#define DEFAULT_BYTES 64
#define MOST_BYTES 4096

static bool is_mapped(uint32_t address) {
    struct page_walk walk;
    page_walk(&kernel_tables, virt_addr(address), &walk);
    return walk.present;
}

/* "c0100000  55 89 e5 ...  U..." for the `count` (1 to 16) bytes at `address`. */
static void print_row(uint32_t address, unsigned count) {
    const volatile uint8_t *bytes = (const volatile uint8_t *)(uintptr_t)address;

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
        if (count > page_left) count = page_left;
        if (!is_mapped(address)) {
            count = bytes < page_left ? bytes : page_left;
            printk("%08x  not mapped\n", address);
        } else {
            print_row(address, count);
        }
        address += count;
        bytes -= count;
        if (address == 0) return true; /* the end of the address space */
    }
    return true;
}
