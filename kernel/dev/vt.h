/*
 * vt.h: a terminal on the text screen, for programs: the escape sequences of TERM=linux
 * (console_codes(4), ECMA-48, VT102).
 */
#ifndef DEV_VT_H
#define DEV_VT_H

#include <stdbool.h>

/* One byte of a program; UTF-8. Show the cursor with vga_show_cursor() after the last one. Interrupts
 * off. */
void vt_putc(char c);

/* Programs have asked that cursor keys send ESC O A instead of ESC [ A (DECCKM). */
bool vt_application_cursor(void);

/* Sends an answer to the program, as if it had been typed: whoever has the keyboard provides it. */
void vt_answer(const char *text);

#endif
