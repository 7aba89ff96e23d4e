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
};

/*
 * Waits for a key: a character, or one of enum key. Enter is \r, Backspace \b. Needs
 * interrupts.
 */
int input_key(void);

/*
 * The next byte as a terminal sends it to programs, or -1: keys without a character are escape
 * sequences (those of TERM=linux), Backspace is DEL. Call it with interrupts off.
 */
int input_byte(void);

/* Is called, with interrupts off, when something has been typed; a null pointer: nobody. */
extern void (*input_listener)(void);

#endif
