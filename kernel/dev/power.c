/*
 * power.c: restarting the machine and switching it off.
 */
#include <cpu/control.h>
#include <dev/acpi.h>
#include <dev/power.h>
#include <lib/printk.h>
#include <mm/physical.h>

#define KBC_COMMAND 0x64
#define KBC_INPUT_FULL 0x02
#define KBC_PULSE_RESET 0xFE
#define KBC_TRIES 20000
#define RESET_CONTROL 0xCF9 /* of PCI chipsets */
#define RESET_FULL 0x06
#define RESET_DELAY 100000 /* port writes */

#define QEMU_PM1A_CONTROL 0x604 /* ACPI PM1a control of QEMU's pc and q35 */
#define QEMU_OLD_PM1A_CONTROL 0xB004
#define QEMU_S5 PM1_SLEEP_ENABLE /* with sleep type 0 */
#define BOCHS_SHUTDOWN 0x8900

/* The PM1 control registers (ACPI 6.4 §4.8.3.2). */
#define PM1_ACPI_ENABLED 0x0001
#define PM1_SLEEP_TYPE(type) ((uint16_t)((type) << 10))
#define PM1_SLEEP_TYPE_MASK PM1_SLEEP_TYPE(7)
#define PM1_SLEEP_ENABLE 0x2000
#define ACPI_ENABLE_TRIES 3000000 /* port accesses: some seconds, as the specification allows */

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

/* In legacy mode, the registers do nothing. The firmware switches to ACPI when asked (ACPI 6.4 §4.8.2.5). */
static bool acpi_switch_on(const struct acpi_s5 *s5) {
    if (s5->smi_command && !(inw(s5->pm1a_control) & PM1_ACPI_ENABLED))
        outb(s5->smi_command, s5->enable);
    for (int i = 0; i < ACPI_ENABLE_TRIES; i++) {
        if (inw(s5->pm1a_control) & PM1_ACPI_ENABLED) return true;
        io_delay();
    }
    return false;
}

/* The type first, then both at once (ACPI 6.4 §16.1.7). */
static void sleep(uint16_t port, uint8_t type) {
    if (!port) return;
    uint16_t control = (uint16_t)(inw(port) & ~(PM1_SLEEP_TYPE_MASK | PM1_SLEEP_ENABLE));
    control |= PM1_SLEEP_TYPE(type);
    outw(port, control);
    outw(port, control | PM1_SLEEP_ENABLE);
}

static void off_by_acpi(void) {
    struct acpi_s5 s5;
    const char *missing = acpi_find_s5(physical_read, &s5);

    if (missing) {
        printk("poweroff: ACPI has %s\n", missing);
        return;
    }
    printk("poweroff: by ACPI: port %x, type %u\n", s5.pm1a_control, s5.type_a);
    if (!acpi_switch_on(&s5)) printk("poweroff: the firmware does not switch ACPI on\n");
    cli();
    sleep(s5.pm1b_control, s5.type_b);
    sleep(s5.pm1a_control, s5.type_a);
    wait();
}

void power_off(void) {
    off_by_acpi();
    printk("poweroff: by the ports of QEMU and Bochs\n");
    cli();
    outw(QEMU_PM1A_CONTROL, QEMU_S5);
    outw(QEMU_OLD_PM1A_CONTROL, QEMU_S5);
    for (const char *c = "Shutdown"; *c; c++) outb(BOCHS_SHUTDOWN, (uint8_t)*c);
    printk("It is now safe to turn off the computer.\n");
    stop();
}
