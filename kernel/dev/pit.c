/*
 * pit.c: the 8254 timer. Channel 0 interrupts; channel 2 measures (pit_measure.c).
 */
#include <cpu/control.h>
#include <cpu/trap.h>
#include <dev/pic.h>
#include <dev/pit.h>
#include <dev/pit_lend.h>

volatile uint32_t jiffies;
uint32_t pit_clocks_per_tick;

static void load(uint16_t port, uint32_t count) {
    outb(port, (uint8_t)count);
    outb(port, (uint8_t)(count >> 8));
}

static void tick(struct pt_regs *regs) {
    (void)regs;
    jiffies++;
}

void pit_start(void) {
    outb(PIT_COMMAND, CHANNEL0_RATE);
    load(PIT_CHANNEL0, pit_clocks_per_tick);
    pit_started();
}

void pit_set_rate(uint32_t hz) {
    uint32_t eflags = irq_save();
    pit_clocks_per_tick = PIT_FREQUENCY / hz;
    pit_start();
    irq_restore(eflags);
}

void pit_init(void) {
    tsc_measure_end();
    pit_note_bios_mode();
    pit_set_rate(HZ);
    irq_set_handler(IRQ_TIMER, tick);
    pic_unmask(IRQ_TIMER);
}
