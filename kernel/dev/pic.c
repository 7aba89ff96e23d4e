/*
 * pic.c: the two 8259A interrupt controllers, the second behind IRQ 2 of the first.
 */
#include <ascent/layout.h>
#include <cpu/control.h>
#include <dev/pic.h>

#define PIC1_COMMAND 0x20
#define PIC1_DATA PIC1_MASK_PORT /* ICW2 to ICW4 as well */
#define PIC2_COMMAND 0xA0
#define PIC2_DATA PIC2_MASK_PORT
#define ICW1_INIT 0x11  /* edge triggered, cascaded, ICW4 follows */
#define ICW4_8086 0x01
#define OCW2_EOI 0x20
#define OCW3_READ_IRR 0x0A
#define OCW3_READ_ISR 0x0B
#define BIOS_VECTOR1 0x08 /* where the first PC had IRQ 0 to 7, and the AT the others */
#define BIOS_VECTOR2 0x70

static uint16_t mask = 0xFFFF; /* bit n: IRQ n is off */

static void write_mask(uint16_t off) {
    outb(PIC1_DATA, (uint8_t)off);
    outb(PIC2_DATA, (uint8_t)(off >> 8));
}

/* One initialisation word for each; old controllers need a moment after it. */
static void initialise(uint16_t port1, uint8_t word1, uint16_t port2, uint8_t word2) {
    outb(port1, word1);
    io_delay();
    outb(port2, word2);
    io_delay();
}

static void start(uint8_t vector1, uint8_t vector2, uint16_t off) {
    initialise(PIC1_COMMAND, ICW1_INIT, PIC2_COMMAND, ICW1_INIT);
    initialise(PIC1_DATA, vector1, PIC2_DATA, vector2);           /* ICW2 */
    initialise(PIC1_DATA, 1 << IRQ_CASCADE, PIC2_DATA, IRQ_CASCADE); /* ICW3 */
    initialise(PIC1_DATA, ICW4_8086, PIC2_DATA, ICW4_8086);
    write_mask(off);
}

void pic_init(void) {
    start(PIC_VECTOR, PIC_VECTOR + 8, mask);
}

void pic_unmask(unsigned irq) {
    mask &= (uint16_t)~(1u << irq);
    if (irq >= 8) mask &= (uint16_t)~(1u << IRQ_CASCADE);
    write_mask(mask);
}

uint16_t pic_requests(void) {
    outb(PIC1_COMMAND, OCW3_READ_IRR);
    outb(PIC2_COMMAND, OCW3_READ_IRR);
    return (uint16_t)(inb(PIC1_COMMAND) | inb(PIC2_COMMAND) << 8);
}

/* Not those that have a handler here: one of ours that came to the BIOS would be lost, and a BIOS that
 * gets a key takes it. Only the timer is the BIOS's meanwhile. */
uint16_t pic_lend(uint16_t bios_mask) {
    uint16_t requests = pic_requests();
    uint16_t ours = (uint16_t)(~mask & ~(1u << IRQ_TIMER | 1u << IRQ_CASCADE));

    start(BIOS_VECTOR1, BIOS_VECTOR2, bios_mask | ours);
    return requests & ours;
}

uint16_t pic_take_back(void) {
    uint16_t requests = pic_requests();

    pic_init();
    return requests & (uint16_t)(~mask & ~(1u << IRQ_TIMER | 1u << IRQ_CASCADE));
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
