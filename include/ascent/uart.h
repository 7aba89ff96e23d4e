/*
 * uart.h: the registers of a serial port (16550 UART data sheet), for the loader and the kernel: added
 * to its first port, boot_info.serial_port.
 */
#ifndef ASCENT_UART_H
#define ASCENT_UART_H

#define UART_DATA 0
#define UART_INTERRUPTS 1
#define UART_FIFO 2
#define UART_LINE 3
#define UART_MODEM 4
#define UART_STATUS 5

#define LINE_DLAB 0x80 /* the first two registers are the divisor */
#define LINE_8N1 0x03
#define DIVISOR_115200 1
#define FIFO_ON_AND_CLEAR 0x07
#define FIFO_BYTES 16
#define MODEM_DTR_RTS_OUT2 0x0B /* OUT2 connects the interrupt line */
#define MODEM_RTS 0x02          /* request to send: may the other side do so? */
#define MODEM_LOOP 0x10         /* what is sent comes back, and does not leave the chip */
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
