/*
 * serial.c: COM1 by its registers. Compiled for real mode and for protected mode: port I/O is the
 * same in both. Registers: 16550 UART data sheet.
 */
#include "serial.h"

#include <ascent/layout.h>

#include "boot.h"
#include "io.h"

#define UART_DATA (COM1_PORT + 0)
#define UART_INTERRUPTS (COM1_PORT + 1)
#define UART_FIFO (COM1_PORT + 2)
#define UART_LINE (COM1_PORT + 3)
#define UART_MODEM (COM1_PORT + 4)
#define UART_STATUS (COM1_PORT + 5)

#define LINE_DLAB 0x80
#define LINE_8N1 0x03
#define STATUS_THR_EMPTY 0x20
#define STATUS_ABSENT 0xFF /* an empty bus reads as ones */

/*
 * A character takes 87 us at 115200 baud and a port read about 1 us, so this is a second or two. An
 * emulator reads ports ten times faster, and its other end may be a busy program.
 */
#define SEND_TRIES 2000000

void serial_init(void) {
    if (inb(UART_STATUS) == STATUS_ABSENT) return;
    outb(UART_INTERRUPTS, 0);
    outb(UART_LINE, LINE_DLAB);
    outb(UART_DATA, 1); /* divisor 1: 115200 baud */
    outb(UART_INTERRUPTS, 0);
    outb(UART_LINE, LINE_8N1);
    outb(UART_FIFO, 0xC7);  /* on, both cleared */
    outb(UART_MODEM, 0x03); /* DTR, RTS */
    boot_info.flags |= BOOT_HAS_SERIAL;
}

void serial_putc(char c) {
    if (!(boot_info.flags & BOOT_HAS_SERIAL)) return;
    for (int tries = 0; !(inb(UART_STATUS) & STATUS_THR_EMPTY); tries++) {
        if (tries == SEND_TRIES) {
            boot_info.flags &= ~(uint32_t)BOOT_HAS_SERIAL; /* stuck: do not wait for it again */
            return;
        }
    }
    outb(UART_DATA, (uint8_t)c);
}
