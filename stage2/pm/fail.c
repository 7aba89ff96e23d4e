/*
 * fail.c: an error after the last BIOS call. Protected mode: the screen is memory at B8000.
 */
#include <ascent/layout.h>

#include "boot.h"
#include "error_table.h"
#include "io.h"
#include "page_tables.h"
#include "serial.h"

#define COLUMNS 80
#define ROWS 25
#define WHITE_ON_BLACK 0x0700

static uint16_t *const screen = (uint16_t *)VGA_TEXT_ADDR;

static void new_line(void) {
    boot_info.cursor_column = 0;
    if (++boot_info.cursor_row < ROWS) return;
    boot_info.cursor_row = ROWS - 1;
    for (uint32_t i = 0; i < COLUMNS * (ROWS - 1); i++) screen[i] = screen[i + COLUMNS];
    for (uint32_t i = 0; i < COLUMNS; i++) screen[COLUMNS * (ROWS - 1) + i] = WHITE_ON_BLACK | ' ';
}

static void put(char c) {
    serial_putc(c);
    outb(DEBUG_PORT, (uint8_t)c);
    if (c == '\n') {
        serial_putc('\r');
        new_line();
        return;
    }
    screen[boot_info.cursor_row * COLUMNS + boot_info.cursor_column] =
        (uint16_t)(WHITE_ON_BLACK | (uint8_t)c);
    if (++boot_info.cursor_column == COLUMNS) new_line();
}

static void put_text(const char *text) {
    while (*text) put(*text++);
}

static void put_hex(uint32_t value) {
    for (int shift = 28; shift >= 0; shift -= 4) put("0123456789ABCDEF"[value >> shift & 15]);
}

void pm_fail(enum boot_error error, const char *name, uint32_t value) {
    const struct error_text *text = error_text(error);

    put_text("\nE");
    put((char)('0' + error / 10));
    put((char)('0' + error % 10));
    put(' ');
    put_text(text->message);
    put_text(" (");
    put_text(name);
    put(' ');
    put_hex(value);
    put_text(")\n");
    put_text(text->remedy);
    put('\n');
    for (;;) __asm__ volatile("cli; hlt");
}
