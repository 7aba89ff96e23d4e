/*
 * pic.c: the two 8259A interrupt controllers, the second behind IRQ 2 of the first.
 */
#include <cpu/control.h>
#include <dev/pic.h>

#define PIC1_COMMAND 0x20
#define PIC1_DATA 0x21
#define PIC2_COMMAND 0xA0
#define PIC2_DATA 0xA1
#define ICW1_INIT 0x11  /* edge triggered, cascaded, ICW4 follows */
#define ICW4_8086 0x01
#define OCW2_EOI 0x20
#define OCW3_READ_ISR 0x0B

static uint16_t mask = 0xFFFF; /* bit n: IRQ n is off */

static void write_mask(void) {
    outb(PIC1_DATA, (uint8_t)mask);
    outb(PIC2_DATA, (uint8_t)(mask >> 8));
}

/* One initialisation word for each; old controllers need a moment after it. */
static void initialise(uint16_t port1, uint8_t word1, uint16_t port2, uint8_t word2) {
    outb(port1, word1);
    io_delay();
    outb(port2, word2);
    io_delay();
}

void pic_init(void) {
    initialise(PIC1_COMMAND, ICW1_INIT, PIC2_COMMAND, ICW1_INIT);
    initialise(PIC1_DATA, PIC_VECTOR, PIC2_DATA, PIC_VECTOR + 8);           /* ICW2 */
    initialise(PIC1_DATA, 1 << IRQ_CASCADE, PIC2_DATA, IRQ_CASCADE);        /* ICW3 */
    initialise(PIC1_DATA, ICW4_8086, PIC2_DATA, ICW4_8086);
    write_mask();
}

void pic_unmask(unsigned irq) {
    mask &= (uint16_t)~(1u << irq);
    if (irq >= 8) mask &= (uint16_t)~(1u << IRQ_CASCADE);
    write_mask();
}

bool pic_is_spurious(unsigned irq) {
    uint16_t port = irq < 8 ? PIC1_COMMAND : PIC2_COMMAND;

    if (irq % 8 != 7) return false;
    outb(port, OCW3_READ_ISR);
    if (inb(port) & 0x80) return false;
    if (irq == 15) outb(PIC1_COMMAND, OCW2_EOI); /* the first one did see IRQ 2 */
    return true;
}

void pic_end(unsigned irq) {
    if (irq >= 8) outb(PIC2_COMMAND, OCW2_EOI);
    outb(PIC1_COMMAND, OCW2_EOI);
}
