/*
 * keyboard.h: a PS/2 keyboard behind the 8042 controller, US layout.
 */
#ifndef DEV_KEYBOARD_H
#define DEV_KEYBOARD_H

/* Sets the controller up, and receives by interrupt from now on. Without one, does nothing. */
void keyboard_init(void);

/* The oldest key, as input_key() returns it, or -1. Call it with interrupts off. */
int keyboard_getc(void);

/*
 * From the one to the other the keyboard keeps its keys to itself, so that nobody else takes them from
 * the controller; it has room for 16 bytes. With interrupts off.
 */
void keyboard_hold(void);
void keyboard_release(void);

#endif
