/*
 * serial_input.h: COM1, receiving.
 */
#ifndef DEV_SERIAL_INPUT_H
#define DEV_SERIAL_INPUT_H

/* Receives by interrupt from now on. Needs the PICs set up, and serial_init() done. */
void serial_receive_init(void);

/* The oldest received character, or -1. Call it with interrupts off. */
int serial_getc(void);

/* From the one to the other nobody listens: the other side is asked not to send (RTS), and if it does so all
 * the same, the port has room for 16 bytes. */
void serial_hold(void);
void serial_release(void);

#endif
