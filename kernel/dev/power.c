/*
 * power.c: restarting the machine and switching it off.
 */
#include <cpu/control.h>
#include <dev/power.h>
#include <lib/printk.h>

#define KBC_COMMAND 0x64
#define KBC_INPUT_FULL 0x02
#define KBC_PULSE_RESET 0xFE
#define KBC_TRIES 20000
#define RESET_CONTROL 0xCF9 /* of PCI chipsets */
#define RESET_FULL 0x06
#define RESET_DELAY 100000 /* port writes */

#define QEMU_PM1A_CONTROL 0x604 /* ACPI PM1a control of QEMU's pc and q35 */
#define QEMU_OLD_PM1A_CONTROL 0xB004
#define PM1_SLEEP_ENABLE 0x2000 /* with sleep type 0, which is S5 there */
#define BOCHS_SHUTDOWN 0x8900
#define DEBUG_EXIT 0xF4

static void wait(void) {
    for (int i = 0; i < RESET_DELAY; i++) io_delay();
}

static void triple_fault(void) {
    static const struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) no_idt = {0, 0};

    __asm__ volatile("lidt %0; int3" : : "m"(no_idt));
}

void power_reboot(void) {
    cli();
    for (int i = 0; i < KBC_TRIES && (inb(KBC_COMMAND) & KBC_INPUT_FULL); i++) io_delay();
    outb(KBC_COMMAND, KBC_PULSE_RESET);
    wait();
    outb(RESET_CONTROL, RESET_FULL);
    wait();
    triple_fault();
    stop();
}

void power_off(void) {
    outw(QEMU_PM1A_CONTROL, PM1_SLEEP_ENABLE);
    outw(QEMU_OLD_PM1A_CONTROL, PM1_SLEEP_ENABLE);
    for (const char *c = "Shutdown"; *c; c++) outb(BOCHS_SHUTDOWN, (uint8_t)*c);
    printk("It is now safe to turn off the computer.\n");
    stop();
}

void power_debug_exit(unsigned char code) {
    outb(DEBUG_EXIT, code);
}
