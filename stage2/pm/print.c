/*
 * print.c: text without the BIOS. 32-bit code, flat segments; with paging too, as the identity map has
 * the screen.
 */
#include "print.h"

#include <ascent/layout.h>

#include "boot.h"
#include "io.h"
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

void pm_put(char c) {
    if (c == '\n') serial_putc('\r');
    serial_putc(c);
    outb(DEBUG_PORT, (uint8_t)c);
    if (c == '\n') {
        new_line();
        return;
    }
    if (c == '\r') {
        boot_info.cursor_column = 0;
        return;
    }
    screen[boot_info.cursor_row * COLUMNS + boot_info.cursor_column] =
        (uint16_t)(WHITE_ON_BLACK | (uint8_t)c);
    if (++boot_info.cursor_column == COLUMNS) new_line();
}

void pm_put_text(const char *text) {
    while (*text) pm_put(*text++);
}

void pm_put_number(uint32_t value, uint32_t base, int width) {
    if (value >= base || width > 1) pm_put_number(value / base, base, width - 1);
    pm_put("0123456789ABCDEF"[value % base]);
}

void pm_put_outside(const char *text) {
    for (; *text; text++) {
        if (*text >= ' ' && *text < 0x7F) {
            pm_put(*text);
        } else {
            pm_put_text("\\x");
            pm_put_number((uint8_t)*text, 16, 2);
        }
    }
}
