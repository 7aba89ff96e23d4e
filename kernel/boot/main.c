/*
 * main.c: the kernel takes the machine over, a line a task.
 *
 * Entered on the loader's page tables and GDT, interrupts off, on the kernel's own stack.
 * Chapter: docs/architecture.md, "The kernel". chapter_has() is true but for `make checkpoint`.
 */
#include <ascent/chapter.h>
#include <bios/bios.h>
#include <block/block.h>
#include <boot/boot.h>
#include <boot/checkpoint.h>
#include <boot/first_program.h>
#include <cpu/control.h>
#include <cpu/cpuid.h>
#include <cpu/gdt.h>
#include <cpu/idt.h>
#include <cpu/nmi.h>
#include <cpu/panic.h>
#include <cpu/setup.h>
#include <dev/console.h>
#include <dev/keyboard.h>
#include <dev/pic.h>
#include <dev/pit.h>
#include <dev/serial_input.h>
#include <fs/file.h>
#include <lib/printk.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <monitor/monitor.h>
#include <proc/clock.h>
#include <proc/fpu.h>
#include <proc/schedule.h>
#include <proc/task.h>
#include <selftest/bench.h>
#include <selftest/selftest.h>
#include <syscall/syscall.h>

void kmain(uint32_t magic, const struct boot_info *info);

void kmain(uint32_t magic, const struct boot_info *info) {
    const char *wrong = boot_info_take(magic, info);

    cpuid_detect();
    tsc_measure_begin();
    console_init();
    if (wrong) panic("boot protocol: %s", wrong);
    step_record(STEP_KERNEL_ENTRY);
    cpu_setup();

    gdt_init();
    step_record(STEP_KERNEL_GDT);

    idt_init();
    nmi_enable();
    step_record(STEP_KERNEL_IDT);
    if (!chapter_has(13)) checkpoint_end();

    mm_init();
    cpu_protect();
    if (!chapter_has(20)) checkpoint_end();

    pic_init();
    pit_init();
    task_init();
    schedule_init();
    fpu_init();
    if (chapter_has(24)) syscall_init();
    keyboard_init();
    serial_receive_init();
    if (chapter_has(28)) bios_init();
    sti(); /* step: irq-on */
    step_record(STEP_IRQ_ON);

    clock_init();
    block_init();
    fs_init();
    selftest_main();
    bench_main();
    if (chapter_has(24) && !chapter_has(CHAPTER_LAST)) console_write(CHECKPOINT_TEXT);
    first_program_run();
    slab_reclaim(); /* what only the start, or programs, have needed */
    monitor_main();
}
