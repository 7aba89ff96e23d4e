/*
 * serial.c: COM1 by its registers. Compiled for real mode and for protected mode: port I/O is the
 * same in both. Registers: 16550 UART data sheet.
 */
#include "serial.h"

#include <ascent/uart.h>

#include "boot.h"
#include "io.h"

void serial_init(void) {
    if (inb(UART_STATUS) == STATUS_ABSENT) return;
    outb(UART_INTERRUPTS, 0);
    outb(UART_LINE, LINE_DLAB);
    outb(UART_DATA, DIVISOR_115200);
    outb(UART_INTERRUPTS, 0);
    outb(UART_LINE, LINE_8N1);
    outb(UART_FIFO, FIFO_ON_AND_CLEAR);
    outb(UART_MODEM, MODEM_DTR_RTS_OUT2);
    boot_info.flags |= BOOT_HAS_SERIAL;
}

void serial_putc(char c) {
    if (!(boot_info.flags & BOOT_HAS_SERIAL)) return;
    for (int tries = 0; !(inb(UART_STATUS) & STATUS_THR_EMPTY); tries++) {
        if (tries == UART_TRIES) {
            boot_info.flags &= ~(uint32_t)BOOT_HAS_SERIAL; /* stuck: do not wait for it again */
            return;
        }
    }
    outb(UART_DATA, (uint8_t)c);
}
