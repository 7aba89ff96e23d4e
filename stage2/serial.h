/*
 * serial.h: COM1 by its registers (16550), in real and in protected mode.
 */
#ifndef STAGE2_SERIAL_H
#define STAGE2_SERIAL_H

/* Sets COM1 to 115200 baud, 8N1. An absent port is noticed and left alone from then on. */
void serial_init(void);

/* Sends one character, waiting for the transmitter at most some milliseconds. */
void serial_putc(char c);

#endif
