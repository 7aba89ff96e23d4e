/*
 * pit.c: the 8254 timer. Channel 0 interrupts, channel 2 (the loudspeaker's) measures the TSC.
 */
#include <cpu/control.h>
#include <cpu/cpuid.h>
#include <cpu/trap.h>
#include <dev/pic.h>
#include <dev/pit.h>
#include <dev/pit_lend.h>

#define CHANNEL2_ONE_SHOT 0xB0 /* channel 2, low then high byte, mode 0: output high at the end */
#define PORT_B 0x61
#define PORT_B_GATE2 0x01
#define PORT_B_SPEAKER 0x02
#define PORT_B_OUTPUT2 0x20

#define MEASURE_MS 5
#define MEASUREMENTS 50
#define MEASURE_TRIES 1000000 /* reads; a machine without channel 2 must not hang here */

volatile uint32_t jiffies;
uint32_t tsc_khz;

uint32_t pit_clocks_per_tick;

static void load(uint16_t port, uint32_t count) {
    outb(port, (uint8_t)count);
    outb(port, (uint8_t)(count >> 8));
}

/* TSC ticks in MEASURE_MS. Who else has had the processor (an SMI, a computer that runs this one besides
 * others) when it began or when it was over has added or taken away `*unsure` at most. 0: no channel 2. */
static uint64_t measure_once(uint64_t *unsure) {
    outb(PIT_COMMAND, CHANNEL2_ONE_SHOT);
    uint64_t before = rdtsc();
    load(PIT_CHANNEL2, PIT_FREQUENCY / 1000 * MEASURE_MS);
    uint64_t start = rdtsc(), looked = start, now = start;

    for (int tries = 0; !(inb(PORT_B) & PORT_B_OUTPUT2); tries++) {
        if (tries == MEASURE_TRIES) return 0;
        looked = now;
        now = rdtsc();
    }
    now = rdtsc();
    *unsure = (start - before) + (now - looked);
    return now - start;
}

/* The best of a few; most often the first one is good. */
static void measure_tsc(void) {
    uint64_t least = UINT64_MAX, unsure;

    if (!cpu.tsc) return;
    outb(PORT_B, (uint8_t)((inb(PORT_B) & ~PORT_B_SPEAKER) | PORT_B_GATE2));
    for (int i = 0; i < MEASUREMENTS; i++) {
        uint64_t ticks = measure_once(&unsure);
        if (!ticks) return;
        if (unsure < least) tsc_khz = (uint32_t)ticks / MEASURE_MS;
        if (unsure < least) least = unsure;
        if (unsure < ticks / 256) return;
    }
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
    measure_tsc();
    pit_note_bios_mode();
    pit_set_rate(HZ);
    irq_set_handler(IRQ_TIMER, tick);
    pic_unmask(IRQ_TIMER);
}
