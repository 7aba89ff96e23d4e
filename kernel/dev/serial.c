/*
 * serial.c: COM1, sending: by polling, so that it works at any time. The loader has found the port
 * and set it up.
 */
#include <ascent/io.h>
#include <ascent/layout.h>
#include <ascent/uart.h>
#include <boot/boot.h>
#include <dev/serial.h>
#include <stdbool.h>

static bool present;
static bool in_line; /* the last byte was no end of a line */

uint16_t serial_register(uint16_t number) {
    return (uint16_t)(boot_info.serial_port + number);
}

void serial_init(void) {
    if (boot_info.magic != BOOT_MAGIC) { /* no hand-over, which somebody has to say somewhere */
        boot_info.serial_port = COM1_PORT;
        boot_info.flags = inb(COM1_PORT + UART_STATUS) == STATUS_ABSENT ? 0 : BOOT_HAS_SERIAL;
    }
    present = boot_info.flags & BOOT_HAS_SERIAL;
}

void serial_send(char c) {
    for (int tries = 0; present && !(inb(serial_register(UART_STATUS)) & STATUS_THR_EMPTY); tries++)
        if (tries == UART_TRIES) present = false; /* stuck: do not wait for it again */
    if (present) outb(serial_register(UART_DATA), (uint8_t)c);
    in_line = c != '\n';
}

void serial_start_line(void) {
    if (in_line) serial_putc('\n');
}

void serial_putc(char c) {
    if (c == '\n') serial_send('\r');
    serial_send(c);
}

void serial_write(const char *text) {
    while (*text) serial_putc(*text++);
}

bool serial_present(void) {
    return present;
}
