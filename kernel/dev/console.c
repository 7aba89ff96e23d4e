/*
 * console.c: output to all three places.
 */
#include <ascent/io.h>
#include <ascent/layout.h>
#include <dev/console.h>
#include <dev/serial.h>
#include <dev/vga.h>
#include <dev/vt.h>

void console_init(void) {
    serial_init();
    vga_init();
}

void console_putc(char c) {
    vga_putc(c);
    serial_putc(c);
    outb(DEBUG_PORT, (uint8_t)c);
}

void console_send(char c) {
    vt_putc(c);
    serial_send(c);
    outb(DEBUG_PORT, (uint8_t)c);
}

void console_show_cursor(void) {
    vga_show_cursor();
}

/* The screen knows where all three of them are. */
void console_fresh_line(void) {
    if (vga_cursor.column) console_putc('\n');
}

void console_write(const char *text) {
    while (*text) console_putc(*text++);
}
