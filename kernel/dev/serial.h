/*
 * serial.h: COM1, 115200 baud, 8N1. Registers: 16550 UART data sheet.
 */
#ifndef DEV_SERIAL_H
#define DEV_SERIAL_H

/* Sets the port up. An absent one is noticed, and all that follows does nothing. */
void serial_init(void);

/* Sends one character, \n as \r\n; waits for the transmitter at most some milliseconds. */
void serial_putc(char c);
void serial_write(const char *text);

/* Receives by interrupt from now on. Needs the PICs set up. */
void serial_receive_init(void);

/* The oldest received character, or -1. Call it with interrupts off. */
int serial_getc(void);

#endif
