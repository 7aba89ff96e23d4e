/*
 * pit_lend.c: channel 0 of the timer is lent to the BIOS, and no tick is lost.
 *
 *   started                lent              taken back = started again
 *      |  tick  tick  tick  | 18.2 Hz              |  tick  tick
 *      |<--- counted --->|<------ owed ----------->|
 *
 * With a TSC both parts of what is owed are one difference: the time since the start, less the
 * ticks that were counted. Over more than a few ticks the two clocks would drift apart: then the
 * counter says how far the tick is that was under way.
 */
#include <cpu/control.h>
#include <dev/pic.h>
#include <dev/pit.h>
#include <dev/pit_lend.h>
#include <mm/direct_map.h>
#include <stdbool.h>

#define CHANNEL0_SQUARE 0x36  /* channel 0, low then high byte, mode 3: square wave, in steps of 2 \
                               */
#define CHANNEL0_LATCH 0x00   /* the next two bytes are the count of this moment */
#define READ_BACK_STATUS 0xE2 /* of channel 0 */
#define STATUS_MODE 0x3F      /* the command byte, less the channel, which is 0 */
#define STATUS_OUTPUT 0x80

#define BIOS_CLOCKS 0x10000 /* per tick of the BIOS's */
#define BIOS_TICKS \
    ((const volatile uint32_t *)phys_to_virt(phys_addr(0x46C))) /* in its data area */
#define BIOS_TICKS_PER_DAY 0x1800B0                             /* then it starts at 0 again */

#define TSC_TICKS 16 /* for so many the TSC is as good as the PIT */

static uint8_t bios_mode;      /* the command byte of channel 0, as the BIOS had it */
static uint64_t started, lent; /* TSC */
static uint32_t started_jiffies;
static uint32_t lent_bios_ticks;
static uint64_t owed; /* PIT clocks that have passed and that no tick has counted */

static uint64_t tsc_now(void) {
    return tsc_khz ? rdtsc() : 0;
}

/* In mode 2 or 3, low then high byte, as all BIOSes have it; else what the first one had. */
void pit_note_bios_mode(void) {
    outb(PIT_COMMAND, READ_BACK_STATUS);
    uint8_t mode = inb(PIT_CHANNEL0) & STATUS_MODE;
    bios_mode = mode == CHANNEL0_RATE ? mode : CHANNEL0_SQUARE;
}

void pit_started(void) {
    started = tsc_now();
    started_jiffies = jiffies;
    owed %= pit_clocks_per_tick;
}

static uint64_t clocks_between(uint64_t from, uint64_t to) {
    return (to - from) * PIT_FREQUENCY / ((uint64_t)tsc_khz * 1000);
}

static uint32_t read_count(void) {
    outb(PIT_COMMAND, CHANNEL0_LATCH);
    uint32_t low = inb(PIT_CHANNEL0);
    return low | (uint32_t)inb(PIT_CHANNEL0) << 8;
}

static bool timer_requests(void) {
    return pic_requests() & 1u << IRQ_TIMER;
}

/* The count, and whether a tick has come that no handler has seen: neither changes between the two.
 */
static uint32_t read_count_and_request(bool *request) {
    uint32_t count;

    do {
        *request = timer_requests();
        count = read_count();
    } while (!*request && timer_requests());
    return count;
}

/* Since the last tick that was counted. */
static uint64_t clocks_not_counted(void) {
    uint32_t counted = jiffies - started_jiffies;
    bool request;

    if (tsc_khz && counted < TSC_TICKS) {
        uint64_t all = clocks_between(started, lent),
                 ticks = (uint64_t)counted * pit_clocks_per_tick;
        return all > ticks ? all - ticks : 0;
    }
    uint32_t count = read_count_and_request(&request);
    return pit_clocks_per_tick - count + (request ? pit_clocks_per_tick : 0);
}

/* Of a tick of the BIOS's: its mode 3 counts down twice, and the output says which time it is. */
static uint32_t bios_clocks_in_tick(uint32_t count) {
    uint32_t passed = (BIOS_CLOCKS - count) % BIOS_CLOCKS;

    if (bios_mode == CHANNEL0_RATE) return passed;
    outb(PIT_COMMAND, READ_BACK_STATUS);
    return passed / 2 + (inb(PIT_CHANNEL0) & STATUS_OUTPUT ? 0 : BIOS_CLOCKS / 2);
}

/* By what the BIOS has counted. */
static uint64_t clocks_by_bios(void) {
    bool request;
    uint32_t in_tick = bios_clocks_in_tick(read_count_and_request(&request));
    uint32_t ticks = *BIOS_TICKS - lent_bios_ticks;

    if (*BIOS_TICKS < lent_bios_ticks) ticks += BIOS_TICKS_PER_DAY;
    return (uint64_t)(ticks + request) * BIOS_CLOCKS + in_tick;
}

void pit_lend(void) {
    lent = tsc_now();
    owed += clocks_not_counted();
    lent_bios_ticks = *BIOS_TICKS;
    outb(PIT_COMMAND, bios_mode);
    outb(PIT_CHANNEL0, BIOS_CLOCKS & 0xFF);
    outb(PIT_CHANNEL0, BIOS_CLOCKS >> 8 & 0xFF);
}

uint32_t pit_take_back(void) {
    uint64_t passed = owed + (tsc_khz ? 0 : clocks_by_bios());

    owed = 0;
    pit_start();
    if (tsc_khz) passed += clocks_between(lent, started);
    uint32_t ticks = (uint32_t)(passed / pit_clocks_per_tick);
    owed = passed % pit_clocks_per_tick;
    started_jiffies = jiffies + ticks;
    return ticks;
}
