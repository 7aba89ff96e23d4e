/*
 * idt.h: the interrupt descriptor table. All 256 vectors have a gate; trap.h says where they go.
 */
#ifndef CPU_IDT_H
#define CPU_IDT_H

#define VECTORS 256

/* Loads the IDT: every exception is reported from now on. Interrupts stay as they are. */
void idt_init(void);

#endif
