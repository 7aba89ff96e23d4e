/*
 * idt.h: the interrupt descriptor table: 32 exceptions and 16 interrupt lines.
 */
#ifndef CPU_IDT_H
#define CPU_IDT_H

#include <dev/pic.h>

#define EXCEPTIONS 32

/* Loads the IDT: every exception is reported from now on. Interrupts stay as they are. */
void idt_init(void);

/* `handler` is called at each interrupt of line `irq`, with interrupts off. */
void irq_set_handler(unsigned irq, void (*handler)(void));

#endif
