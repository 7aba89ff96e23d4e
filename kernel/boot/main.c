/*
 * main.c: the kernel takes the machine over, a line a task.
 *
 * Entered on the loader's page tables and GDT, interrupts off, on the kernel's own stack.
 * Chapter: docs/architecture.md, "The kernel".
 */
#include <boot/boot.h>
#include <cpu/control.h>
#include <cpu/cpuid.h>
#include <cpu/gdt.h>
#include <cpu/idt.h>
#include <cpu/panic.h>
#include <dev/console.h>
#include <dev/keyboard.h>
#include <dev/pic.h>
#include <dev/pit.h>
#include <dev/serial.h>
#include <lib/printk.h>
#include <mm/mm.h>
#include <monitor/monitor.h>
#include <selftest/bench.h>
#include <selftest/selftest.h>

#define CMOS_INDEX 0x70
#define CMOS_DATA 0x71

/* The loader switched the NMI off, as there was nobody to take it. Bit 7 of the CMOS index. */
static void nmi_enable(void) {
    outb(CMOS_INDEX, 0);
    (void)inb(CMOS_DATA);
}

/*
 * Some BIOSes leave the caches off, as they are after reset (SDM 3A §11.5.3), and x87 errors on an
 * interrupt line, as in the first PC (SDM 3A §2.5).
 */
static void processor_setup(void) {
    write_cr0((read_cr0() & ~(CR0_CD | CR0_NW)) | CR0_MP | CR0_NE);
}

void kmain(uint32_t magic, const struct boot_info *info);

void kmain(uint32_t magic, const struct boot_info *info) {
    const char *wrong = boot_info_take(magic, info);

    cpuid_detect();
    console_init();
    if (wrong) panic("boot protocol: %s", wrong);
    step_record(STEP_KERNEL_ENTRY);
    processor_setup();

    gdt_init();
    step_record(STEP_KERNEL_GDT);

    idt_init();
    nmi_enable();
    step_record(STEP_KERNEL_IDT);

    mm_init();

    pic_init();
    pit_init();
    keyboard_init();
    serial_receive_init();
    sti(); /* step: irq-on */
    step_record(STEP_IRQ_ON);

    selftest_main();
    bench_main();
    monitor_main();
}
