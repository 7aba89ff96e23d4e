/*
 * pit.c: the 8254 timer. Channel 0 interrupts, channel 2 (the loudspeaker's) measures the TSC.
 */
#include <cpu/control.h>
#include <cpu/cpuid.h>
#include <cpu/trap.h>
#include <dev/pic.h>
#include <dev/pit.h>
#include <mm/direct_map.h>

#define PIT_FREQUENCY 1193182 /* Hz */
#define PIT_CHANNEL0 0x40
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND 0x43
#define CHANNEL0_RATE 0x34     /* channel 0, low then high byte, mode 2: rate generator */
#define CHANNEL0_SQUARE 0x36   /* the same in mode 3: square wave, in steps of 2 */
#define CHANNEL0_LATCH 0x00    /* the next two bytes are the count of this moment */
#define READ_BACK_STATUS 0xE2  /* of channel 0 */
#define STATUS_MODE 0x3F       /* the command byte, less the channel, which is 0 */
#define STATUS_OUTPUT 0x80
#define CHANNEL2_ONE_SHOT 0xB0 /* channel 2, low then high byte, mode 0: output high at the end */
#define PORT_B 0x61
#define PORT_B_GATE2 0x01
#define PORT_B_SPEAKER 0x02
#define PORT_B_OUTPUT2 0x20

#define BIOS_CLOCKS 0x10000 /* per tick of the BIOS's */
#define BIOS_TICKS ((const volatile uint32_t *)phys_to_virt(phys_addr(0x46C))) /* in its data area */
#define BIOS_TICKS_PER_DAY 0x1800B0 /* then it starts at 0 again */

#define MEASURE_MS 10
#define MEASURE_TRIES 1000000 /* reads; a machine without channel 2 must not hang here */

volatile uint32_t jiffies;
uint32_t tsc_khz;

static uint32_t clocks_per_tick; /* of the PIT, as all clocks here */
static uint64_t last_tick;       /* when the last one was handled: TSC */
static uint8_t bios_mode;        /* the command byte of channel 0, as the BIOS had it */
static uint64_t owed;            /* clocks that have passed and that no tick has counted */
static uint64_t lent_tsc;
static uint32_t lent_bios_ticks;

static void load(uint16_t port, uint32_t count) {
    outb(port, (uint8_t)count);
    outb(port, (uint8_t)(count >> 8));
}

static void measure_tsc(void) {
    if (!cpu.tsc) return;
    outb(PORT_B, (uint8_t)((inb(PORT_B) & ~PORT_B_SPEAKER) | PORT_B_GATE2));
    outb(PIT_COMMAND, CHANNEL2_ONE_SHOT);
    load(PIT_CHANNEL2, PIT_FREQUENCY / 1000 * MEASURE_MS);
    uint64_t start = rdtsc();
    for (int tries = 0; !(inb(PORT_B) & PORT_B_OUTPUT2); tries++)
        if (tries == MEASURE_TRIES) return;
    tsc_khz = (uint32_t)((rdtsc() - start) / MEASURE_MS);
}

/* In mode 2 or 3, low then high byte, as all BIOSes have it; else what the first one had. */
static uint8_t read_mode(void) {
    outb(PIT_COMMAND, READ_BACK_STATUS);
    uint8_t mode = inb(PIT_CHANNEL0) & STATUS_MODE;
    return mode == CHANNEL0_RATE ? mode : CHANNEL0_SQUARE;
}

static void tick(struct pt_regs *regs) {
    (void)regs;
    jiffies++;
    if (tsc_khz) last_tick = rdtsc();
}

void pit_set_rate(uint32_t hz) {
    uint32_t eflags = irq_save();
    clocks_per_tick = PIT_FREQUENCY / hz;
    outb(PIT_COMMAND, CHANNEL0_RATE);
    load(PIT_CHANNEL0, clocks_per_tick);
    irq_restore(eflags);
}

void pit_init(void) {
    measure_tsc();
    bios_mode = read_mode();
    pit_set_rate(HZ);
    irq_set_handler(IRQ_TIMER, tick);
    pic_unmask(IRQ_TIMER);
}

/* ---- lent to the BIOS ---- */

static uint32_t read_count(void) {
    outb(PIT_COMMAND, CHANNEL0_LATCH);
    uint32_t low = inb(PIT_CHANNEL0);
    return low | (uint32_t)inb(PIT_CHANNEL0) << 8;
}

static uint64_t clocks_since(uint64_t tsc) {
    return (rdtsc() - tsc) * PIT_FREQUENCY / ((uint64_t)tsc_khz * 1000);
}

/* The count, and whether a tick has come that no handler has seen: neither changes between the two. */
static uint32_t read_count_and_request(bool *request) {
    uint32_t count;

    do {
        *request = pic_requests() & 1u << IRQ_TIMER;
        count = read_count();
    } while (!*request && pic_requests() & 1u << IRQ_TIMER);
    return count;
}

/* Since the last tick that was counted: what the counter says, and whole ticks that wait to be handled. The
 * PIC remembers one of them. The TSC knows all, and it is true even if the emulated interrupt is late. */
static uint64_t clocks_not_counted(void) {
    bool request;
    uint64_t clocks = clocks_per_tick - read_count_and_request(&request);

    if (!tsc_khz) return clocks + (request ? clocks_per_tick : 0);
    uint64_t since = clocks_since(last_tick) + clocks_per_tick - clocks_per_tick / 8;
    return since > clocks ? clocks + (since - clocks) / clocks_per_tick * clocks_per_tick : clocks;
}

/* Of a tick of the BIOS's: its mode 3 counts down twice, and the output says which time it is. */
static uint32_t bios_clocks_in_tick(uint32_t count) {
    uint32_t passed = (BIOS_CLOCKS - count) % BIOS_CLOCKS;

    if (bios_mode == CHANNEL0_RATE) return passed;
    outb(PIT_COMMAND, READ_BACK_STATUS);
    return passed / 2 + (inb(PIT_CHANNEL0) & STATUS_OUTPUT ? 0 : BIOS_CLOCKS / 2);
}

static uint64_t clocks_lent(void) {
    bool request;

    if (tsc_khz) return clocks_since(lent_tsc);
    uint32_t ticks = *BIOS_TICKS - lent_bios_ticks;
    if (*BIOS_TICKS < lent_bios_ticks) ticks += BIOS_TICKS_PER_DAY;
    uint32_t clocks = bios_clocks_in_tick(read_count_and_request(&request));
    return (uint64_t)(ticks + request) * BIOS_CLOCKS + clocks;
}

void pit_lend(void) {
    owed += clocks_not_counted();
    if (tsc_khz) lent_tsc = rdtsc();
    lent_bios_ticks = *BIOS_TICKS;
    outb(PIT_COMMAND, bios_mode);
    load(PIT_CHANNEL0, BIOS_CLOCKS & 0xFFFF);
}

uint32_t pit_take_back(void) {
    owed += clocks_lent();
    outb(PIT_COMMAND, CHANNEL0_RATE);
    load(PIT_CHANNEL0, clocks_per_tick);
    if (tsc_khz) last_tick = rdtsc();

    uint32_t ticks = (uint32_t)(owed / clocks_per_tick);
    owed %= clocks_per_tick;
    return ticks;
}
