/*
 * checkpoint.c: where the system as of a chapter ends. Part of checkpoints alone.
 */
#include <ascent/chapter.h>
#include <boot/checkpoint.h>
#include <cpu/control.h>
#include <cpu/fault.h>
#include <dev/console.h>
#include <dev/keyboard.h>
#include <dev/pic.h>
#include <dev/serial_input.h>
#include <dev/tty.h>
#include <lib/printk.h>
#include <monitor/monitor.h>

#define VECTOR_PF 14u

void checkpoint_end(void) {
    pic_init();
    keyboard_init();
    serial_receive_init();
    sti();
    printk("\n" CHECKPOINT_TEXT);
    monitor_main();
    for (;;) {}
}

void checkpoint_end_in_ring3(const struct pt_regs *regs) {
    tty_suspend();
    console_fresh_line();
    printk("ring 3: CS %04x, EIP %08x, SS:ESP %04x:%08x: %s (%s), error code %x", regs->cs & 0xFFFF,
           regs->eip, regs->ss & 0xFFFF, regs->esp, exception_name(regs->vector),
           exception_mnemonic(regs->vector), regs->error_code);
    if (regs->vector == VECTOR_PF) printk(", CR2 %08x", regs->cr2);
    printk("\n\n" CHECKPOINT_TEXT);
    sti();
    monitor_main();
    for (;;) {}
}
