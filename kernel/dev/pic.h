/*
 * pic.h: the two 8259A interrupt controllers. Data sheet: Intel 8259A.
 */
#ifndef DEV_PIC_H
#define DEV_PIC_H

#include <stdbool.h>

enum irq { IRQ_TIMER = 0, IRQ_KEYBOARD = 1, IRQ_CASCADE = 2, IRQ_COM2 = 3, IRQ_COM1 = 4 };

#define PIC_VECTOR 0x20 /* of IRQ 0: behind the 32 vectors of the processor's exceptions */
#define PIC_IRQS 16

/* Moves IRQ 0 to 15 to vectors PIC_VECTOR on, all masked. */
void pic_init(void);

void pic_unmask(unsigned irq);

/*
 * IRQ 7 and 15 may come without a cause, when a line drops before it is answered: then the
 * controller does not have it in service, and the first one must not be told that it is done.
 */
bool pic_is_spurious(unsigned irq);

/* The interrupt is handled: the next one may come. */
void pic_end(unsigned irq);

#endif
