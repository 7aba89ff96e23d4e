/*
 * keyboard.h: a PS/2 keyboard behind the 8042 controller, US layout.
 */
#ifndef DEV_KEYBOARD_H
#define DEV_KEYBOARD_H

/* Sets the controller up, and receives by interrupt from now on. Without one, does nothing. */
void keyboard_init(void);

/* The oldest key, as input_key() returns it, or -1. Call it with interrupts off. */
int keyboard_getc(void);

#endif
