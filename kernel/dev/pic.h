/*
 * pic.h: the two 8259A interrupt controllers. Data sheet: Intel 8259A.
 */
#ifndef DEV_PIC_H
#define DEV_PIC_H

#include <stdbool.h>
#include <stdint.h>

enum irq { IRQ_TIMER = 0, IRQ_KEYBOARD = 1, IRQ_CASCADE = 2, IRQ_COM2 = 3, IRQ_COM1 = 4 };

#define PIC_VECTOR 0x20 /* of IRQ 0: behind the 32 vectors of the processor's exceptions */
#define PIC_IRQS 16

/* Moves IRQ 0 to 15 to vectors PIC_VECTOR on, all masked. */
void pic_init(void);

void pic_unmask(unsigned irq);

/* Lines that ask for an interrupt, masked or not: bit n is IRQ n (IRR). Interrupts off. */
uint16_t pic_requests(void);

/*
 * The BIOS has the controllers from the one to the other, with its vectors and `bios_mask`, but for
 * lines that are unmasked here: those stay off. Interrupts are off. Setting a controller up makes it
 * forget what has asked, and a line that stays up does not ask again: so both answer which of our
 * lines did (bit n: IRQ n), the timer left out, and the caller sees to them (irq_make_up()).
 */
uint16_t pic_lend(uint16_t bios_mask);
uint16_t pic_take_back(void);

/*
 * IRQ 7 and 15 may come without a cause, when a line drops before it is answered: then the
 * controller does not have it in service, and the first one must not be told that it is done.
 */
bool pic_is_spurious(unsigned irq);

/* The interrupt is handled: the next one may come. */
void pic_end(unsigned irq);

#endif
