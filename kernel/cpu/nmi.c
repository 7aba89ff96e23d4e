/*
 * nmi.c: the non-maskable interrupt. Its two causes in a PC are in system control port B (IBM PC AT
 * Technical Reference, "System Board"; PCI chipsets put SERR# where parity errors of RAM were).
 */
#include <cpu/control.h>
#include <cpu/fault.h>
#include <cpu/nmi.h>
#include <dev/cmos.h>
#include <lib/printk.h>

#define PORT_B 0x61
#define PORT_B_MEMORY 0x80
#define PORT_B_CHANNEL 0x40
#define PORT_B_ABSENT 0xFF

void nmi_enable(void) {
    (void)cmos_read(0);
}

void nmi_disable(void) {
    outb(CMOS_INDEX, CMOS_NMI_OFF);
    (void)inb(CMOS_DATA);
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
