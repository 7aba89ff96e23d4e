/*
 * serial.c: sending to COM1. Compiled for real mode and for protected mode: port I/O is the same in
 * both. Registers: 16550 UART data sheet.
 */
#include "serial.h"

#include <ascent/uart.h>

#include "boot.h"
#include "io.h"

bool serial_wait(uint8_t bits) {
    uint16_t status = (uint16_t)(boot_info.serial_port + UART_STATUS);

    if (!(boot_info.flags & BOOT_HAS_SERIAL)) return false;
    for (int tries = 0; (inb(status) & bits) != bits; tries++) {
        if (tries == UART_TRIES) {
            boot_info.flags &= ~(uint32_t)BOOT_HAS_SERIAL;
            return false;
        }
    }
    return true;
}

void serial_putc(char c) {
    if (serial_wait(STATUS_THR_EMPTY))
        outb((uint16_t)(boot_info.serial_port + UART_DATA), (uint8_t)c);
}
