/*
 * serial.h: COM1 by its registers (16550), in real and in protected mode.
 */
#ifndef STAGE2_SERIAL_H
#define STAGE2_SERIAL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Finds COM1 at the port that the BIOS names, else at 3F8h, and sets it to 8N1 with no interrupts; an
 * absent port is noticed and left alone from then on. The speed stays as it is. Real mode.
 */
void serial_init(void);

/* The last byte that somebody typed before we could ask for it, or 0. */
extern char serial_typed_early;

/* Sets 115200 baud. */
void serial_set_speed(void);

/*
 * Waits until all of these bits of the line status are set, at most some seconds. False: there is no
 * port, or it is stuck, and is not waited for again.
 */
bool serial_wait(uint8_t bits);

/* Sends one character, if there is a port. */
void serial_putc(char c);

/*
 * From begin to end, what anybody sends to COM1 comes back to us and does not leave the chip. The end
 * empties the receiver. It returns whether the console of a BIOS was among those that sent: a backspace
 * or a control sequence. Anything else came from outside, for not every chip lets nothing in meanwhile;
 * its last byte goes to serial_typed_early.
 */
void serial_loop_begin(void);
bool serial_loop_end(void);

#endif
