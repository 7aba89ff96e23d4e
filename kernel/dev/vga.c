/*
 * vga.c: the text screen. A cell is a character and its colours; the cursor is in two registers
 * of the CRT controller (IBM VGA technical reference, registers 0Ah to 0Fh).
 */
#include <ascent/layout.h>
#include <boot/boot.h>
#include <cpu/control.h>
#include <dev/vga.h>

#define COLUMNS VGA_COLUMNS
#define ROWS VGA_ROWS
#define CELLS (COLUMNS * ROWS)
#define TAB 8
#define HISTORY_ROWS ((0x8000 / 2 - 2 * CELLS) / COLUMNS)
#define CRTC_INDEX 0x3D4
#define CRTC_DATA 0x3D5
#define CRTC_CURSOR_START 0x0A
#define CRTC_CURSOR_HIGH 0x0E
#define CRTC_CURSOR_LOW 0x0F
#define CURSOR_OFF 0x20

static volatile uint16_t *const screen = (volatile uint16_t *)(PAGE_OFFSET + VGA_TEXT_ADDR);
static volatile uint16_t *const shelf = screen + CELLS; /* the screen, while others are shown */
static volatile uint16_t *const history = shelf + CELLS;
static uint32_t history_rows; /* so many have ever left the screen */
static uint32_t looking_back; /* so many rows above the newest ones; 0: the screen shows these */

struct vga_cursor vga_cursor;
static bool wrapped; /* the last character filled its line, and the cursor moved to the next */

static void copy(volatile uint16_t *to, const volatile uint16_t *from, uint32_t cells) {
    for (uint32_t i = 0; i < cells; i++) to[i] = from[i];
}

/* ---- the cursor ---- */

static uint8_t crtc_read(uint8_t number) {
    outb(CRTC_INDEX, number);
    return inb(CRTC_DATA);
}

static void crtc_write(uint8_t number, uint8_t value) {
    outb(CRTC_INDEX, number);
    outb(CRTC_DATA, value);
}

void vga_show_cursor(void) {
    uint32_t column = vga_cursor.column < COLUMNS ? vga_cursor.column : COLUMNS - 1;
    uint32_t cell = vga_cursor.row * COLUMNS + column;

    crtc_write(CRTC_CURSOR_HIGH, (uint8_t)(cell >> 8));
    crtc_write(CRTC_CURSOR_LOW, (uint8_t)cell);
}

void vga_hide_cursor(bool hidden) {
    uint8_t start = crtc_read(CRTC_CURSOR_START);
    crtc_write(CRTC_CURSOR_START,
               (uint8_t)(hidden ? start | CURSOR_OFF : start & (uint8_t)~CURSOR_OFF));
}

void vga_init(void) {
    vga_cursor.row = boot_info.cursor_row < ROWS ? boot_info.cursor_row : ROWS - 1;
    vga_cursor.column = boot_info.cursor_column < COLUMNS ? boot_info.cursor_column : 0;
}

/* ---- lines that have left the screen ---- */

static volatile uint16_t *history_row(uint32_t number) {
    return history + number % HISTORY_ROWS * COLUMNS;
}

/* Row `row` of what is shown when looking `back` rows back. */
static const volatile uint16_t *row_back(uint32_t row, uint32_t back) {
    return row < back ? history_row(history_rows - back + row) : shelf + (row - back) * COLUMNS;
}

void vga_look_back(int lines) {
    uint32_t kept = history_rows < HISTORY_ROWS ? history_rows : HISTORY_ROWS;
    int back = (int)looking_back + lines;

    if (back < 0) back = 0;
    if (back > (int)kept) back = (int)kept;
    if (!looking_back && back) copy(shelf, screen, CELLS);
    if (!looking_back && !back) return;
    for (uint32_t row = 0; row < ROWS; row++)
        copy(screen + row * COLUMNS, row_back(row, (uint32_t)back), COLUMNS);
    looking_back = (uint32_t)back;
}

/* Who writes wants to be seen. */
static void look_at_newest(void) {
    if (looking_back) vga_look_back(-(int)looking_back);
}

/* ---- cells ---- */

void vga_put(uint32_t row, uint32_t column, uint16_t cell) {
    look_at_newest();
    screen[row * COLUMNS + column] = cell;
}

void vga_fill(uint32_t row, uint32_t column, uint32_t count, uint16_t cell) {
    look_at_newest();
    for (uint32_t i = 0; i < count; i++) screen[row * COLUMNS + column + i] = cell;
}

void vga_move(uint32_t row, uint32_t to, uint32_t from, uint32_t count) {
    volatile uint16_t *line = screen + row * COLUMNS;

    look_at_newest();
    if (to < from)
        for (uint32_t i = 0; i < count; i++) line[to + i] = line[from + i];
    else
        while (count--) line[to + count] = line[from + count];
}

void vga_copy_row(uint32_t to, uint32_t from) {
    look_at_newest();
    copy(screen + to * COLUMNS, screen + from * COLUMNS, COLUMNS);
}

void vga_scroll_up(uint32_t top, uint32_t bottom, uint32_t lines, uint16_t cell) {
    look_at_newest();
    if (lines > bottom - top) lines = bottom - top;
    for (uint32_t row = 0; row < lines && top == 0; row++)
        copy(history_row(history_rows++), screen + row * COLUMNS, COLUMNS);
    copy(screen + top * COLUMNS, screen + (top + lines) * COLUMNS,
         (bottom - top - lines) * COLUMNS);
    vga_fill(bottom - lines, 0, lines * COLUMNS, cell);
}

void vga_scroll_down(uint32_t top, uint32_t bottom, uint32_t lines, uint16_t cell) {
    look_at_newest();
    if (lines > bottom - top) lines = bottom - top;
    for (uint32_t row = bottom; row-- > top + lines;)
        copy(screen + row * COLUMNS, screen + (row - lines) * COLUMNS, COLUMNS);
    vga_fill(top, 0, lines * COLUMNS, cell);
}

/* ---- the kernel's own texts ---- */

static void new_line(void) {
    vga_cursor.column = 0;
    if (++vga_cursor.row < ROWS) return;
    vga_cursor.row = ROWS - 1;
    vga_scroll_up(0, ROWS, 1, VGA_BLANK);
}

static void put_cell(char c) {
    if (vga_cursor.column >= COLUMNS) new_line(); /* a program has left it behind the last one */
    vga_put(vga_cursor.row, vga_cursor.column, (uint16_t)((VGA_BLANK & 0xFF00) | (uint8_t)c));
    wrapped = ++vga_cursor.column == COLUMNS;
    if (wrapped) new_line();
}

/* Also back over the end of a line, so that a long line can be edited. */
static void back(void) {
    if (vga_cursor.column) {
        vga_cursor.column--;
    } else if (vga_cursor.row) {
        vga_cursor.row--;
        vga_cursor.column = COLUMNS - 1;
    }
}

void vga_putc(char c) {
    uint32_t eflags = irq_save(); /* a key's echo comes from an interrupt handler */
    bool after_full_line = wrapped;

    wrapped = false;
    switch (c) {
    case '\n': /* after 80 characters it is done already; a second time leaves an empty line */
        if (!after_full_line) new_line();
        break;
    case '\r': vga_cursor.column = 0; break;
    case '\b': back(); break;
    case '\t':
        do put_cell(' ');
        while (vga_cursor.column % TAB);
        break;
    default: put_cell(c);
    }
    vga_show_cursor();
    irq_restore(eflags);
}
