/*
 * vga.c: the text screen. A cell is a character and its colours; the cursor is in two registers
 * of the CRT controller (IBM VGA technical reference, registers 0Eh and 0Fh).
 */
#include <ascent/layout.h>
#include <boot/boot.h>
#include <cpu/control.h>
#include <dev/vga.h>
#include <stdbool.h>
#include <stdint.h>

#define COLUMNS 80
#define ROWS 25
#define TAB 8
#define BLANK 0x0720 /* light grey on black, a space */
#define CRTC_INDEX 0x3D4
#define CRTC_DATA 0x3D5
#define CRTC_CURSOR_HIGH 0x0E
#define CRTC_CURSOR_LOW 0x0F

static volatile uint16_t *const screen = (volatile uint16_t *)(PAGE_OFFSET + VGA_TEXT_ADDR);
static uint32_t row, column;
static bool wrapped; /* the last character filled its line, and the cursor moved to the next */

static void show_cursor(void) {
    uint32_t cell = row * COLUMNS + column;

    outb(CRTC_INDEX, CRTC_CURSOR_HIGH);
    outb(CRTC_DATA, (uint8_t)(cell >> 8));
    outb(CRTC_INDEX, CRTC_CURSOR_LOW);
    outb(CRTC_DATA, (uint8_t)cell);
}

void vga_init(void) {
    row = boot_info.cursor_row < ROWS ? boot_info.cursor_row : ROWS - 1;
    column = boot_info.cursor_column < COLUMNS ? boot_info.cursor_column : 0;
}

static void scroll(void) {
    for (uint32_t i = 0; i < COLUMNS * (ROWS - 1); i++) screen[i] = screen[i + COLUMNS];
    for (uint32_t i = COLUMNS * (ROWS - 1); i < COLUMNS * ROWS; i++) screen[i] = BLANK;
}

static void new_line(void) {
    column = 0;
    if (++row < ROWS) return;
    row = ROWS - 1;
    scroll();
}

static void put_cell(char c) {
    screen[row * COLUMNS + column] = (uint16_t)((BLANK & 0xFF00) | (uint8_t)c);
    wrapped = ++column == COLUMNS;
    if (wrapped) new_line();
}

/* Also back over the end of a line, so that a long line can be edited. */
static void back(void) {
    if (column) {
        column--;
    } else if (row) {
        row--;
        column = COLUMNS - 1;
    }
}

void vga_putc(char c) {
    bool after_full_line = wrapped;

    wrapped = false;
    switch (c) {
    case '\n': /* after 80 characters it is done already; a second time leaves an empty line */
        if (!after_full_line) new_line();
        break;
    case '\r': column = 0; break;
    case '\b': back(); break;
    case '\t':
        do put_cell(' ');
        while (column % TAB);
        break;
    default: put_cell(c);
    }
    show_cursor();
}
