/*
 * input.h: keys, from the keyboard and from COM1.
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

#endif
