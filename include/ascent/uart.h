/*
 * uart.h: the registers of COM1 (16550 UART data sheet), for the loader and the kernel.
 */
#ifndef ASCENT_UART_H
#define ASCENT_UART_H

#include <ascent/layout.h>

#define UART_DATA (COM1_PORT + 0)
#define UART_INTERRUPTS (COM1_PORT + 1)
#define UART_FIFO (COM1_PORT + 2)
#define UART_LINE (COM1_PORT + 3)
#define UART_MODEM (COM1_PORT + 4)
#define UART_STATUS (COM1_PORT + 5)

#define LINE_DLAB 0x80 /* the first two registers are the divisor */
#define LINE_8N1 0x03
#define DIVISOR_115200 1
#define FIFO_ON_AND_CLEAR 0x07
#define MODEM_DTR_RTS_OUT2 0x0B /* OUT2 connects the interrupt line */
#define INTERRUPT_ON_DATA 0x01
#define STATUS_DATA 0x01
#define STATUS_THR_EMPTY 0x20
#define STATUS_ALL_SENT 0x40
#define STATUS_ABSENT 0xFF /* an empty bus reads as ones */

/*
 * How often to look before a port is stuck. A character takes 87 us and a port read about 1 us, so
 * this is some seconds, once. An emulator reads ports ten times faster, and on a busy computer it may
 * be half a second before its other half sends the character.
 */
#define UART_TRIES 5000000

#endif
