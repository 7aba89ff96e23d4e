/*
 * serial.c: COM1, sending: by polling, so that it works at any time.
 */
#include <ascent/io.h>
#include <ascent/uart.h>
#include <dev/serial.h>
#include <stdbool.h>

static bool present;

/* Clearing the FIFO would take what the loader has just written and the line has not yet sent. */
static void wait_all_sent(void) {
    for (int tries = 0; tries < UART_TRIES && !(inb(UART_STATUS) & STATUS_ALL_SENT); tries++) {}
}

void serial_init(void) {
    present = inb(UART_STATUS) != STATUS_ABSENT;
    if (!present) return;
    wait_all_sent();
    outb(UART_INTERRUPTS, 0);
    outb(UART_LINE, LINE_DLAB);
    outb(UART_DATA, DIVISOR_115200);
    outb(UART_INTERRUPTS, 0);
    outb(UART_LINE, LINE_8N1);
    outb(UART_FIFO, FIFO_ON_AND_CLEAR);
    outb(UART_MODEM, MODEM_DTR_RTS_OUT2);
}

static void send(char c) {
    for (int tries = 0; present && !(inb(UART_STATUS) & STATUS_THR_EMPTY); tries++)
        if (tries == UART_TRIES) present = false; /* stuck: do not wait for it again */
    if (present) outb(UART_DATA, (uint8_t)c);
}

void serial_putc(char c) {
    if (c == '\n') send('\r');
    send(c);
}

void serial_write(const char *text) {
    while (*text) serial_putc(*text++);
}

bool serial_present(void) {
    return present;
}
