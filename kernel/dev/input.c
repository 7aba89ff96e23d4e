/*
 * input.c: keys from the keyboard and from COM1.
 */
#include <cpu/control.h>
#include <dev/input.h>
#include <dev/keyboard.h>
#include <dev/serial_input.h>
#include <dev/vt.h>
#include <stdint.h>

#define ESC 0x1B
#define DELETE_CHAR 0x7F
#define NOTHING (-1)

/* The key of ESC [ `number` ~, as terminals number the keys that the VT220 had and the PC has not. */
static int numbered_key(unsigned number) {
    switch (number) {
    case 1:
    case 7: return KEY_HOME;
    case 4:
    case 8: return KEY_END;
    case 3: return KEY_DELETE;
    default: return NOTHING;
    }
}

/* The key that ESC [ `number` `final` stands for (ECMA-48 cursor keys, as xterm sends them). */
static int escape_key(int final, unsigned number) {
    switch (final) {
    case 'A': return KEY_UP;
    case 'B': return KEY_DOWN;
    case 'C': return KEY_RIGHT;
    case 'D': return KEY_LEFT;
    case 'H': return KEY_HOME;
    case 'F': return KEY_END;
    case '~': return numbered_key(number);
    default: return NOTHING;
    }
}

/*
 * Makes keys of what a terminal sends: most are characters, some ESC O A, ESC [ A, ESC [ 3 ~, or
 * ESC [ 1 ; 5 C with Ctrl held. A sequence ends with the first of @ to ~ (ECMA-48 §5.4).
 */
static int decode_serial(int c) {
    static enum { PLAIN, AFTER_ESC, IN_SEQUENCE } state;
    static unsigned number;

    if (c == ESC) {
        state = AFTER_ESC;
        return NOTHING;
    }
    if (state == AFTER_ESC && (c == '[' || c == 'O')) {
        state = IN_SEQUENCE;
        number = 0;
        return NOTHING;
    }
    if (state != IN_SEQUENCE || c < ' ') { /* a control character breaks a sequence off */
        state = PLAIN;
        return c;
    }
    if (c >= '0' && c <= '9') number = number * 10 + (unsigned)(c - '0');
    if (c < '@') return NOTHING;
    state = PLAIN;
    return escape_key(c, number);
}

void (*input_listener)(void);

/* What TERM=linux sends for a key that has no character (console_codes(4)), from KEY_UP on. */
static const char *key_sequence(int key) {
    static const char *const sequences[] = {
        "\033[A",   "\033[B",   "\033[D",   "\033[C",   "\033[1~",  "\033[4~",
        "\033[3~",  "\033[2~",  "\033[5~",  "\033[6~",  "\033[[A",  "\033[[B",
        "\033[[C",  "\033[[D",  "\033[[E",  "\033[17~", "\033[18~", "\033[19~",
        "\033[20~", "\033[21~", "\033[23~", "\033[24~",
    };
    static const char *const application[] = {"\033OA", "\033OB", "\033OD", "\033OC"};

    if (key <= KEY_RIGHT && vt_application_cursor()) return application[key - KEY_UP];
    return key <= KEY_F12 ? sequences[key - KEY_UP] : "";
}

int input_byte(void) {
    static const char *rest = "";

    while (!*rest) {
        int key = keyboard_getc();
        if (key == NOTHING) return serial_getc();
        if (key == '\b') return DELETE_CHAR;
        if (key == KEY_NUL) return 0;
        if (key == KEY_SYSRQ) return MONITOR_BYTE;
        if (key < KEY_UP) return key;
        rest = key_sequence(key);
    }
    return (uint8_t)*rest++;
}

int input_key(void) {
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
