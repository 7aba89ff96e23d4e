/*
 * idt.c: the interrupt descriptor table (SDM 3A §6.11).
 */
#include <ascent/chapter.h>
#include <cpu/gdt.h>
#include <cpu/idt.h>
#include <cpu/trap.h>
#include <syscall/syscall.h>

#define GATE_PRESENT 0x80
#define GATE_TASK 0x5
#define GATE_INTERRUPT_32 0xE /* clears IF, unlike a trap gate */
#define GATE_DPL3 0x60        /* INT n from ring 3 is allowed */

struct gate {
    uint16_t offset_low;
    uint16_t selector;
    uint8_t zero;
    uint8_t type;
    uint16_t offset_high;
};

static struct gate idt[VECTORS] __attribute__((aligned(16)));

extern const uint32_t isr_stubs[VECTORS]; /* isr.asm */

/* lab 9: begin */
static void set_gate(unsigned vector, uint8_t dpl) {
    idt[vector] = (struct gate){
        .offset_low = (uint16_t)isr_stubs[vector],
        .selector = KERNEL_CS,
        .type = GATE_PRESENT | dpl | GATE_INTERRUPT_32,
        .offset_high = (uint16_t)(isr_stubs[vector] >> 16),
    };
}

void idt_init(void) {
    const struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) idtr = {sizeof(idt) - 1, (uint32_t)idt};

    for (unsigned vector = 0; vector < VECTORS; vector++) set_gate(vector, 0);
    set_gate(VECTOR_BP, GATE_DPL3);
    set_gate(VECTOR_OF, GATE_DPL3);
    if (chapter_has(24)) set_gate(SYSCALL_VECTOR, GATE_DPL3);
    idt[VECTOR_DF] = (struct gate){
        .selector = DOUBLE_FAULT_TSS_SELECTOR,
        .type = GATE_PRESENT | GATE_TASK,
    };
    __asm__ volatile("lidt %0" : : "m"(idtr)); /* step: kernel-idt */
}
/* lab 9: end */
