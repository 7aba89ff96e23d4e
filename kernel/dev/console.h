/*
 * console.h: the console: screen, COM1 and port E9 for output, always all three; keyboard and COM1
 * for input.
 */
#ifndef DEV_CONSOLE_H
#define DEV_CONSOLE_H

/* Keys that have no character. */
enum console_key {
    KEY_UP = 0x100,
    KEY_DOWN,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_HOME,
    KEY_END,
    KEY_DELETE,
};

/* Starts COM1, and goes on below what the loader left on the screen. Works before interrupts do. */
void console_init(void);

/* Prints one character; \n, \r, \b and \t do what they do on a terminal. */
void console_putc(char c);

/* Prints a NUL-terminated string. */
void console_write(const char *text);

/*
 * Waits for a key: a character, or one of enum console_key. Enter is \r, Backspace \b. Needs
 * interrupts.
 */
int console_getc(void);

#endif
