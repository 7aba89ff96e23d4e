/*
 * input.h: what is typed, at the keyboard and on COM1: as keys for the monitor, as bytes for programs.
 */
#ifndef DEV_INPUT_H
#define DEV_INPUT_H

/* Keys that have no character. */
enum key {
    KEY_UP = 0x100,
    KEY_DOWN,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_HOME,
    KEY_END,
    KEY_DELETE,
    KEY_INSERT,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_F1,
    KEY_F11 = KEY_F1 + 10,
    KEY_F12,
    KEY_NUL,   /* Ctrl and the space bar: a byte 0 for programs */
    KEY_SYSRQ, /* Alt and Print Screen: to the monitor */
    KEY_SCROLL_UP, /* Shift and Page Up: never answered, the screen shows older lines */
    KEY_SCROLL_DOWN,
};

/* The byte that calls the monitor while programs run, from COM1 and the keyboard: Ctrl+] */
#define MONITOR_BYTE 0x1D

/*
 * Waits for a key: a character, or one of enum key. Enter is \r, Backspace \b. Needs
 * interrupts.
 */
int input_key(void);

/*
 * The next byte as a terminal sends it to programs, or -1: keys without a character are escape
 * sequences (those of TERM=linux), Backspace is DEL, and Alt+SysRq is MONITOR_BYTE. Call it with interrupts off.
 */
int input_byte(void);

/* Is called, with interrupts off, when something has been typed; a null pointer: nobody. */
extern void (*input_listener)(void);

#endif
