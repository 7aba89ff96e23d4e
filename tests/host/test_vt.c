/*
 * test_vt.c: the escape sequences of TERM=linux on a screen of this program's own (console_codes(4)).
 */
#include "cmocka_test.h"

#include <stdio.h>
#include <string.h>

#include <dev/vga.h>
#include <dev/vt.h>
#include <dev/vt_glyph.h>

static uint16_t screen[VGA_ROWS][VGA_COLUMNS];
static char answers[256];
static bool hidden;
struct vga_cursor vga_cursor;

/* ---- the screen ---- */

static void inside(uint32_t row, uint32_t column, uint32_t count) {
    assert_true(row * VGA_COLUMNS + column + count <= VGA_ROWS * VGA_COLUMNS);
}

void vga_put(uint32_t row, uint32_t column, uint16_t cell) {
    assert_true(row < VGA_ROWS && column < VGA_COLUMNS);
    screen[row][column] = cell;
}

void vga_fill(uint32_t row, uint32_t column, uint32_t count, uint16_t cell) {
    inside(row, column, count);
    for (uint32_t i = 0; i < count; i++) (&screen[0][0])[row * VGA_COLUMNS + column + i] = cell;
}

void vga_move(uint32_t row, uint32_t to, uint32_t from, uint32_t count) {
    assert_true(row < VGA_ROWS && to + count <= VGA_COLUMNS && from + count <= VGA_COLUMNS);
    memmove(&screen[row][to], &screen[row][from], count * sizeof screen[0][0]);
}

void vga_copy_row(uint32_t to, uint32_t from) {
    assert_true(to < VGA_ROWS && from < VGA_ROWS);
    memcpy(screen[to], screen[from], sizeof screen[0]);
}

void vga_scroll_up(uint32_t top, uint32_t bottom, uint32_t lines, uint16_t cell) {
    assert_true(top < bottom && bottom <= VGA_ROWS);
    if (lines > bottom - top) lines = bottom - top;
    for (uint32_t row = top; row + lines < bottom; row++) vga_copy_row(row, row + lines);
    vga_fill(bottom - lines, 0, lines * VGA_COLUMNS, cell);
}

void vga_scroll_down(uint32_t top, uint32_t bottom, uint32_t lines, uint16_t cell) {
    assert_true(top < bottom && bottom <= VGA_ROWS);
    if (lines > bottom - top) lines = bottom - top;
    for (uint32_t row = bottom; row-- > top + lines;) vga_copy_row(row, row - lines);
    vga_fill(top, 0, lines * VGA_COLUMNS, cell);
}

void vga_hide_cursor(bool now) {
    hidden = now;
}

void vt_answer(const char *text) {
    strncat(answers, text, sizeof answers - strlen(answers) - 1);
}


static int start(void **state) {
    (void)state;
    for (const char *c = "\033c"; *c; c++) vt_putc(*c);
    memset(answers, 0, sizeof answers);
    return 0;
}

static void send(const char *text) {
    while (*text) {
        vt_putc(*text++);
        assert_true(vga_cursor.row < VGA_ROWS && vga_cursor.column <= VGA_COLUMNS);
    }
}

/* A row without the blanks at its end. */
static void row_is(uint32_t row, const char *wanted) {
    char text[VGA_COLUMNS + 1];
    unsigned end = 0;
    for (unsigned i = 0; i < VGA_COLUMNS; i++) {
        text[i] = (char)screen[row][i];
        if (text[i] != ' ') end = i + 1;
    }
    text[end] = 0;
    assert_string_equal(text, wanted);
}

static void cursor_is(uint32_t row, uint32_t column) {
    assert_int_equal(vga_cursor.row, row);
    assert_int_equal(vga_cursor.column, column);
}

/* ---- what moves ---- */

static void text_and_controls(void **state) {
    (void)state;
    send("ab\r\ncd\be\tf\ng");
    row_is(0, "ab");
    row_is(1, "ce      f");
    row_is(2, "         g");
}

/* A full line waits: the next character decides. */
static void last_column(void **state) {
    (void)state;
    for (unsigned i = 0; i < VGA_COLUMNS; i++) send("x");
    cursor_is(0, VGA_COLUMNS);
    send("\r\n");
    cursor_is(1, 0);
    send("\033[1;80Hyz");
    row_is(1, "z");
    send("\033[1;80Hw\033[Kv"); /* erasing to the end takes the last cell, and no line comes */
    assert_int_equal((char)screen[0][79], 'v');
    send("\033[?7l\033[3;79Habcd\033[?7h");
    assert_int_equal((char)screen[2][78], 'a');
    assert_int_equal((char)screen[2][79], 'd');
}

static void moves(void **state) {
    (void)state;
    send("\033[5;10H");
    cursor_is(4, 9);
    send("\033[2A\033[3B\033[4C\033[D");
    cursor_is(5, 12);
    send("\033[99;999H");
    cursor_is(24, 79);
    send("\033[99A\033[99D");
    cursor_is(0, 0);
    send("\033[7G\033[3d");
    cursor_is(2, 6);
    send("\0337\033[H\0338");
    cursor_is(2, 6);
    send("\033[E\033[2F");
    cursor_is(1, 0);
}

static void numbered_rows(void) {
    char text[16];
    send("\033[H\033[2J");
    for (unsigned i = 0; i < VGA_ROWS; i++) {
        (snprintf)(text, sizeof text, "\033[%u;1Hrow%u", i + 1, i);
        send(text);
    }
}

static void scrolling(void **state) {
    (void)state;
    numbered_rows();
    send("\033[25;1H\n");
    row_is(0, "row1");
    row_is(24, "");
    numbered_rows();
    send("\033[1;1H\033M");
    row_is(0, "");
    row_is(1, "row0");
    numbered_rows();
    send("\033[5;10r"); /* rows 4 to 9 */
    cursor_is(0, 0);
    send("\033[10;1H\nnew");
    row_is(3, "row3");
    row_is(4, "row5");
    row_is(9, "new");
    row_is(10, "row10");
    send("\033[5;1H\033M");
    row_is(4, "");
    row_is(5, "row5");
    send("\033[25;1H\n"); /* below what scrolls: nothing does */
    row_is(24, "row24");
    send("\033[r");
}

static void lines_and_cells(void **state) {
    (void)state;
    numbered_rows();
    send("\033[3;2H\033[2L");
    row_is(2, "");
    row_is(4, "row2");
    row_is(24, "row22");
    send("\033[2M");
    row_is(2, "row2");
    row_is(22, "row22");
    row_is(24, "");
    send("\033[1;2H\033[2@");
    row_is(0, "r  ow0");
    send("\033[2P");
    row_is(0, "row0");
    send("\033[2X");
    row_is(0, "r  0");
    send("\033[99M");
    row_is(0, "");
}

static void erasing(void **state) {
    (void)state;
    numbered_rows();
    send("\033[3;3H\033[J");
    row_is(1, "row1");
    row_is(2, "ro");
    row_is(3, "");
    numbered_rows();
    send("\033[3;3H\033[1J");
    row_is(1, "");
    row_is(2, "   2");
    row_is(3, "row3");
    send("\033[4;2H\033[1K");
    row_is(3, "  w3");
    send("\033[K");
    row_is(3, "");
    send("\033[5;1H\033[2K");
    row_is(4, "");
}

/* ---- what is seen and said ---- */

static void colours(void **state) {
    (void)state;
    send("a\033[1mb\033[31mc\033[0;44md\033[7me\033[0;5mf\033[38;5;12mg\033[m h\033[1;7mi\033[m");
    static const uint8_t wanted[] = {0x07, 0x0F, 0x0C, 0x17, 0x71, 0x87, 0x89, 0x07, 0x07, 0x78};
    for (unsigned i = 0; i < sizeof wanted; i++) assert_int_equal(screen[0][i] >> 8, wanted[i]);
    send("\033[41m\033[K");
    assert_int_equal(screen[0][40] >> 8, 0x47); /* erased in the background of now */
    send("\033[m");
}

static void modes_and_answers(void **state) {
    (void)state;
    send("\033[?25l");
    assert_true(hidden);
    send("\033[?25h");
    assert_false(hidden);
    send("\033[?1h");
    assert_true(vt_application_cursor());
    send("\033[?1l");
    assert_false(vt_application_cursor());
    send("\033[4;7H\033[6n\033[5n\033[c\033[?6n");
    assert_string_equal(answers, "\033[4;7R\033[0n\033[?6c");
}

static void what_is_forgotten(void **state) {
    (void)state;
    send("\033]0;a title\007a\033]P0ffffff\033\\b\033(Bc\033%Gd\033[?1049he\033[>0qf\033[12\030g\033[1\nm");
    row_is(0, "abcdefg");
}

static void utf8_and_graphics(void **state) {
    (void)state;
    send("\303\244\342\224\200\342\202\254\016q\017q");
    static const uint8_t wanted[] = {0x84, 0xC4, 0xFE, 0xC4, 'q'};
    for (unsigned i = 0; i < sizeof wanted; i++) assert_int_equal((uint8_t)screen[0][i], wanted[i]);
}

/* Whatever comes, the cursor stays on the screen, and no cell outside is touched. */
static void random_bytes(void **state) {
    (void)state;
    static const char often[] = "\033\033[[[;;?0123456789hlmrHJKLMPX@ABCDnq\n\r\b\t";
    uint32_t seed = 7;
    for (unsigned i = 0; i < 2000000; i++) {
        seed = seed * 1664525 + 1013904223;
        char c = seed >> 31 ? often[(seed >> 16) % (sizeof often - 1)] : (char)(seed >> 20);
        vt_putc(c);
        assert_true(vga_cursor.row < VGA_ROWS && vga_cursor.column <= VGA_COLUMNS);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(text_and_controls, start),
        cmocka_unit_test_setup(last_column, start),
        cmocka_unit_test_setup(moves, start),
        cmocka_unit_test_setup(scrolling, start),
        cmocka_unit_test_setup(lines_and_cells, start),
        cmocka_unit_test_setup(erasing, start),
        cmocka_unit_test_setup(colours, start),
        cmocka_unit_test_setup(modes_and_answers, start),
        cmocka_unit_test_setup(what_is_forgotten, start),
        cmocka_unit_test_setup(utf8_and_graphics, start),
        cmocka_unit_test_setup(random_bytes, start),
    };
    return cmocka_run_group_tests_name("vt", tests, NULL, NULL);
}
