/*
 * vga.h: the text screen, 80 by 25 characters at physical B8000. The kernel's own texts go through
 * vga_putc(); those of programs, with their escape sequences, through vt.h, which stands on the rest.
 *
 * The adapter has 32 KB of text memory, and the screen shows the first 4000 bytes of it:
 *
 *   B8000  the screen
 *   B8FA0  what the screen was, while older lines are looked at
 *   B9F40  lines that have left the screen at the top, as a ring: 154 of them
 */
#ifndef DEV_VGA_H
#define DEV_VGA_H

#include <stdbool.h>
#include <stdint.h>

#define VGA_COLUMNS 80u
#define VGA_ROWS 25u
#define VGA_BLANK 0x0720u /* light grey on black, a space */

struct vga_cursor {
    uint32_t row, column;
};

/* Where the next character goes. */
extern struct vga_cursor vga_cursor;

/* Goes on at the cursor that boot_info gives. */
void vga_init(void);

/* Prints one character and moves the cursor; scrolls at the end. */
void vga_putc(char c);

/* Shows the cursor where it is, or not at all. */
void vga_show_cursor(void);
void vga_hide_cursor(bool hidden);

/* Cells: a character and its colours. All of these end a look at older lines. */
void vga_put(uint32_t row, uint32_t column, uint16_t cell);
void vga_fill(uint32_t row, uint32_t column, uint32_t count, uint16_t cell);
/* Moves `count` cells of a row, which may overlap. */
void vga_move(uint32_t row, uint32_t to, uint32_t from, uint32_t count);
void vga_copy_row(uint32_t to, uint32_t from);
/* Moves the rows [top, bottom) up by `lines`; what comes free is filled with `cell`. From the top of the
 * screen, lines go where vga_look_back() finds them. Down: they are lost. */
void vga_scroll_up(uint32_t top, uint32_t bottom, uint32_t lines, uint16_t cell);
void vga_scroll_down(uint32_t top, uint32_t bottom, uint32_t lines, uint16_t cell);

/* Shows older lines, so many above those that are shown now; negative: newer ones. */
void vga_look_back(int lines);

#endif
