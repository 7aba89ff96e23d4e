/*
 * hello.c: the smallest kernel that Ascent boots. It keeps the boot protocol
 * (docs/reference/boot-protocol.md), says how much memory there is, and stops.
 *
 *   make build/hello.elf
 *   mcopy -o -i disk.img@@1M build/hello.elf ::/BOOT/KERNEL.ELF
 *
 * and remove the kernel_crc32 line from BOOT/BOOT.CFG, for this is another file.
 */
#include <ascent/boot_info.h>
#include <ascent/io.h>
#include <ascent/layout.h>
#include <ascent/uart.h>

static uint32_t column;
static uint16_t serial_port;

/* The loader has set the port up. It takes a character when it has sent the one before. */
static void send(char c) {
    for (int tries = 0; tries < UART_TRIES; tries++)
        if (inb((uint16_t)(serial_port + UART_STATUS)) & STATUS_THR_EMPTY) break;
    outb(serial_port, (uint8_t)c);
}

static void put(char c) {
    volatile uint16_t *screen = (volatile uint16_t *)(PAGE_OFFSET + VGA_TEXT_ADDR);

    screen[column++] = (uint16_t)(0x1F00 | (uint8_t)c); /* white on blue, the first line */
    if (serial_port) send(c);
}

static void put_text(const char *text) {
    while (*text) put(*text++);
}

static void put_decimal(uint32_t number) {
    if (number >= 10) put_decimal(number / 10);
    put((char)('0' + number % 10));
}

/* Physical addresses in boot_info are mapped at PAGE_OFFSET. */
static const void *mapped(uint32_t phys) {
    return (const void *)(PAGE_OFFSET + phys);
}

static uint32_t usable_kilobytes(const struct boot_info *info) {
    const struct memory_range *map = mapped(info->map_phys);
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < info->map_count; i++)
        if (map[i].type == MEMORY_USABLE) bytes += map[i].length;
    return (uint32_t)(bytes >> 10);
}

static void __attribute__((noreturn)) stop(void) {
    for (;;) __asm__ volatile("cli; hlt");
}

void __attribute__((noreturn)) hello(uint32_t magic, const struct boot_info *info) {
    if (magic != BOOT_MAGIC || info->magic != BOOT_MAGIC) stop();
    if (info->flags & BOOT_HAS_SERIAL) serial_port = (uint16_t)info->serial_port;
    put_text("hello, higher half: ");
    put_decimal(usable_kilobytes(info));
    put_text(" KB of memory, command line: ");
    put_text(mapped(info->cmdline_phys));
    stop();
}

/* The entry point: EAX = BOOT_MAGIC, EBX = virtual address of boot_info, ESP = a stack. */
void __attribute__((naked)) start(void) {
    __asm__("push %ebx\n\t"
            "push %eax\n\t"
            "call hello");
}
