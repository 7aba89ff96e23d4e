/*
 * trap.c: where exceptions and interrupts go from isr.asm.
 */
#include <ascent/chapter.h>
#include <cpu/backtrace.h>
#include <cpu/fault.h>
#include <cpu/fixup.h>
#include <cpu/gdt.h>
#include <cpu/idt.h>
#include <cpu/nmi.h>
#include <cpu/trap.h>
#include <dev/pic.h>
#include <lib/printk.h>
#include <proc/return.h>
#include <proc/user_fault.h>

static void exception(struct pt_regs *regs);
static void irq(struct pt_regs *regs);
static void unexpected(struct pt_regs *regs);

static trap_handler *handlers[VECTORS] = {
    [0 ... VECTOR_NMI - 1] = exception,
    [VECTOR_NMI] = nmi_handle,
    [VECTOR_NMI + 1 ... EXCEPTIONS - 1] = exception,
    [PIC_VECTOR ... PIC_VECTOR + PIC_IRQS - 1] = irq,
    [PIC_VECTOR + PIC_IRQS ... VECTORS - 1] = unexpected,
};
static trap_handler *irq_handlers[PIC_IRQS];
static uint32_t counts[VECTORS];

void trap_dispatch(struct pt_regs *regs);

/* Called by isr.asm for every vector, with interrupts off. */
void trap_dispatch(struct pt_regs *regs) {
    counts[regs->vector]++;
    handlers[regs->vector](regs);
    if (chapter_has(20) && user_mode(regs)) return_to_ring3(regs);
}

static void exception(struct pt_regs *regs) {
    if (chapter_has(20) && user_fault(regs)) return;
    if (!fixup_apply(regs)) fault_report(regs);
}

/* The PIC comes first: the handler may switch to a task that does not come back here for long. */
static void irq(struct pt_regs *regs) {
    unsigned irq = regs->vector - PIC_VECTOR;

    if (pic_is_spurious(irq)) return;
    pic_end(irq);
    if (irq_handlers[irq]) irq_handlers[irq](regs);
}

/* A device that nobody has set up, or INT n. The machine can go on. */
static void unexpected(struct pt_regs *regs) {
    printk("unexpected interrupt: vector %02x, which nobody handles, at ", regs->vector);
    print_code_address(regs->eip);
    printk("\n");
}

trap_handler *trap_set_handler(unsigned vector, trap_handler *handler) {
    trap_handler *before = handlers[vector];
    handlers[vector] = handler;
    return before;
}

trap_handler *irq_set_handler(unsigned irq, trap_handler *handler) {
    trap_handler *before = irq_handlers[irq];
    irq_handlers[irq] = handler;
    return before;
}

void irq_make_up(unsigned irq, uint32_t times) {
    struct pt_regs regs = {.vector = PIC_VECTOR + irq, .cs = KERNEL_CS, .ds = KERNEL_DS};

    while (irq_handlers[irq] && times--) irq_handlers[irq](&regs);
}

bool trap_is_handled(unsigned vector) {
    return handlers[vector] != unexpected;
}

uint32_t trap_count(unsigned vector) {
    return counts[vector];
}
