/*
 * serial_setup.c: where COM1 is, how it is set, and whether somebody else sends there. Real mode.
 * Registers: 16550 UART data sheet.
 */
#include <ascent/layout.h>
#include <ascent/uart.h>

#include "boot.h"
#include "io.h"
#include "serial.h"

#define ESCAPE '\x1B'
#define BDA_COM1 0x400 /* word: the port of COM1, 0 if there is none */

char serial_typed_early;

static uint16_t port(uint32_t number) {
    return (uint16_t)(boot_info.serial_port + number);
}

static bool answers(uint32_t first_port) {
    boot_info.serial_port = first_port;
    return first_port && inb(port(UART_STATUS)) != STATUS_ABSENT;
}

/* Empties the receiver. Returns whether the console of a BIOS has sent something of it. */
static bool receive_all(void) {
    bool console = false;
    char last = 0;

    for (int i = 0; i < FIFO_BYTES && (inb(port(UART_STATUS)) & STATUS_DATA); i++) {
        last = (char)inb(port(UART_DATA));
        if (last == '\b' || last == ESCAPE) console = true;
    }
    if (last && !console) serial_typed_early = last;
    return console;
}

void serial_init(void) {
    if (!answers(*(volatile uint16_t *)BDA_COM1) && !answers(COM1_PORT)) return;
    outb(port(UART_LINE), LINE_8N1); /* also gives the first two registers their own meaning */
    outb(port(UART_INTERRUPTS), 0);
    (void)receive_all(); /* an 8250 has no FIFO to clear */
    outb(port(UART_FIFO), FIFO_ON_AND_CLEAR);
    outb(port(UART_MODEM), MODEM_DTR_RTS_OUT2);
    boot_info.flags |= BOOT_HAS_SERIAL;
}

void serial_set_speed(void) {
    if (!(boot_info.flags & BOOT_HAS_SERIAL)) return;
    outb(port(UART_LINE), LINE_DLAB);
    outb(port(UART_DATA), DIVISOR_115200);
    outb(port(UART_INTERRUPTS), 0);
    outb(port(UART_LINE), LINE_8N1);
}

void serial_loop_begin(void) {
    if (serial_wait(STATUS_ALL_SENT)) outb(port(UART_MODEM), MODEM_DTR_RTS_OUT2 | MODEM_LOOP);
}

bool serial_loop_end(void) {
    if (!serial_wait(STATUS_ALL_SENT)) return false;
    bool console = receive_all();
    outb(port(UART_MODEM), MODEM_DTR_RTS_OUT2);
    return console;
}
