/*
 * serial.h: COM1, the port that the loader names: sending. Registers: 16550 UART data sheet.
 */
#ifndef DEV_SERIAL_H
#define DEV_SERIAL_H

#include <stdbool.h>
#include <stdint.h>

/* The loader has set the port up. Without one, all that follows does nothing. */
void serial_init(void);

/* Sends one character, \n as \r\n; waits for the transmitter at most some milliseconds. */
void serial_putc(char c);
void serial_send(char c); /* the same, with \n as it is */
void serial_write(const char *text);

/* Ends the line, if one has begun. */
void serial_start_line(void);

/* Is there a COM1? A transmitter that got stuck counts as none. */
bool serial_present(void);

/* The port of one of its registers (ascent/uart.h). */
uint16_t serial_register(uint16_t number);

#endif
