/*
 * console.c: output to all three places, input from both.
 */
#include <ascent/layout.h>
#include <cpu/control.h>
#include <dev/console.h>
#include <dev/keyboard.h>
#include <dev/serial.h>
#include <dev/vga.h>

#define ESC 0x1B
#define NOTHING (-1)

void console_init(void) {
    serial_init();
    vga_init();
}

void console_putc(char c) {
    vga_putc(c);
    serial_putc(c);
    outb(DEBUG_PORT, (uint8_t)c);
}

void console_write(const char *text) {
    while (*text) console_putc(*text++);
}

/* The key that ESC [ `final` stands for (ECMA-48 cursor keys, as xterm sends them). */
static int escape_key(int final) {
    switch (final) {
    case 'A': return KEY_UP;
    case 'B': return KEY_DOWN;
    case 'C': return KEY_RIGHT;
    case 'D': return KEY_LEFT;
    case 'H':
    case '1':
    case '7': return KEY_HOME;
    case 'F':
    case '4':
    case '8': return KEY_END;
    case '3': return KEY_DELETE;
    default: return NOTHING;
    }
}

/* Makes keys of what a terminal sends: most are characters, some ESC [ A or ESC [ 3 ~. */
static int decode_serial(int c) {
    static enum { PLAIN, AFTER_ESC, AFTER_BRACKET, BEFORE_TILDE } state;
    int key = NOTHING;

    switch (state) {
    case PLAIN:
        if (c != ESC) return c;
        state = AFTER_ESC;
        break;
    case AFTER_ESC: state = c == '[' || c == 'O' ? AFTER_BRACKET : PLAIN; break;
    case AFTER_BRACKET:
        key = escape_key(c);
        state = c >= '0' && c <= '9' ? BEFORE_TILDE : PLAIN;
        break;
    case BEFORE_TILDE:
        if (c == '~') state = PLAIN;
        break;
    }
    return key;
}

int console_getc(void) {
    for (;;) {
        cli(); /* so that a key cannot come between the look and the HLT */
        int key = keyboard_getc();
        if (key == NOTHING) {
            int c = serial_getc();
            if (c != NOTHING) key = decode_serial(c);
            else __asm__ volatile("sti; hlt"); /* STI takes effect after HLT has begun */
        }
        sti();
        if (key != NOTHING) return key;
    }
}
