/*
 * nmi.c: the non-maskable interrupt. Its two causes in a PC are in system control port B (IBM PC AT
 * Technical Reference, "System Board"; PCI chipsets put SERR# where parity errors of RAM were).
 */
#include <cpu/control.h>
#include <cpu/fault.h>
#include <cpu/nmi.h>
#include <lib/printk.h>

#define CMOS_INDEX 0x70 /* bit 7: NMI off */
#define CMOS_DATA 0x71
#define PORT_B 0x61
#define PORT_B_MEMORY 0x80
#define PORT_B_CHANNEL 0x40
#define PORT_B_ABSENT 0xFF

void nmi_enable(void) {
    outb(CMOS_INDEX, 0);
    (void)inb(CMOS_DATA); /* the clock wants a read after each write to its index */
}

/* What the chipset says about the cause, or a null pointer. */
static const char *cause(void) {
    uint8_t port = inb(PORT_B);

    if (port == PORT_B_ABSENT) return 0;
    if (port & PORT_B_MEMORY) return "memory parity or PCI system error";
    return port & PORT_B_CHANNEL ? "I/O channel check: a card in a slot" : 0;
}

/* Without a cause it prints nothing, as the console may be in the middle of a line. The monitor's
 * `idt 2` has the count. */
void nmi_handle(struct pt_regs *regs) {
    const char *what = cause();

    if (!what) return;
    printk("\n%s", what);
    fault_report(regs);
}
