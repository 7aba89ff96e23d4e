/*
 * serial_input.c: COM1, receiving: by interrupt.
 */
#include <ascent/io.h>
#include <ascent/uart.h>
#include <boot/boot.h>
#include <cpu/trap.h>
#include <dev/input.h>
#include <dev/pic.h>
#include <dev/ring.h>
#include <dev/serial.h>
#include <dev/serial_input.h>

#define COM2_PORT 0x2F8
#define COM4_PORT 0x2E8

static struct ring received;

/* More than any UART keeps: a port that always says that there is more would hold us here for ever. The rest
 * of a long line comes with the next interrupt, or the next tick. */
#define BYTES_AT_ONCE RING_SIZE

static void take_all(void) {
    uint8_t status = inb(serial_register(UART_STATUS));

    for (unsigned i = 0; i < BYTES_AT_ONCE && status != STATUS_ABSENT && (status & STATUS_DATA); i++) {
        ring_put(&received, inb(serial_register(UART_DATA)));
        status = inb(serial_register(UART_STATUS));
    }
}

static void receive(struct pt_regs *regs) {
    (void)regs;
    take_all();
    if (input_listener) input_listener();
}

/* The ports have had fixed lines since the first PC. */
static unsigned irq_of(uint32_t port) {
    return port == COM2_PORT || port == COM4_PORT ? IRQ_COM2 : IRQ_COM1;
}

void serial_receive_init(void) {
    unsigned irq = irq_of(boot_info.serial_port);

    if (!serial_present()) return;
    irq_set_handler(irq, receive);
    outb(serial_register(UART_INTERRUPTS), INTERRUPT_ON_DATA);
    pic_unmask(irq);
}

void serial_hold(void) {
    if (serial_present()) outb(serial_register(UART_MODEM), MODEM_DTR_RTS_OUT2 & (uint8_t)~MODEM_RTS);
}

void serial_release(void) {
    if (serial_present()) outb(serial_register(UART_MODEM), MODEM_DTR_RTS_OUT2);
}

int serial_getc(void) {
    if (serial_present()) take_all(); /* should this port have another line: the timer wakes us */
    return ring_get(&received);
}
