/*
 * console.h: output: screen, COM1 and port E9, always all three. Needs no interrupts.
 */
#ifndef DEV_CONSOLE_H
#define DEV_CONSOLE_H

/* Starts COM1, and goes on below what the loader left on the screen. */
void console_init(void);

/* Prints one character; \n, \r, \b and \t do what they do on a terminal. */
void console_putc(char c);

/* Sends one byte of a program, escape sequences too; interrupts off. Then shows the cursor. */
void console_send(char c);
void console_show_cursor(void);

/* Begins a new line, unless the last one is empty: in front of what the kernel says while a program writes. */
void console_fresh_line(void);

/* Prints a NUL-terminated string. */
void console_write(const char *text);

#endif
