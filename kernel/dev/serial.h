/*
 * serial.h: COM1, sending: 115200 baud, 8N1. Registers: 16550 UART data sheet.
 */
#ifndef DEV_SERIAL_H
#define DEV_SERIAL_H

#include <stdbool.h>

/* Sets the port up. An absent one is noticed, and all that follows does nothing. */
void serial_init(void);

/* Sends one character, \n as \r\n; waits for the transmitter at most some milliseconds. */
void serial_putc(char c);
void serial_write(const char *text);

/* Is there a COM1? A transmitter that got stuck counts as none. */
bool serial_present(void);

#endif
