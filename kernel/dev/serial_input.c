/*
 * serial_input.c: COM1, receiving: by interrupt.
 */
#include <ascent/io.h>
#include <ascent/uart.h>
#include <cpu/trap.h>
#include <dev/pic.h>
#include <dev/ring.h>
#include <dev/serial.h>
#include <dev/serial_input.h>

static struct ring received;

static void receive(struct pt_regs *regs) {
    (void)regs;
    for (uint8_t status = inb(UART_STATUS); status != STATUS_ABSENT && (status & STATUS_DATA);
         status = inb(UART_STATUS))
        ring_put(&received, inb(UART_DATA));
}

void serial_receive_init(void) {
    if (!serial_present()) return;
    irq_set_handler(IRQ_COM1, receive);
    outb(UART_INTERRUPTS, INTERRUPT_ON_DATA);
    pic_unmask(IRQ_COM1);
}

int serial_getc(void) {
    return ring_get(&received);
}
