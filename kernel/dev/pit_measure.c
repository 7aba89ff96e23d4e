/*
 * pit_measure.c: how fast the time stamp counter is, by channel 2 of the timer (the loudspeaker's).
 *
 *   kmain begins                     pit_init: all else is ready
 *      |<- the channel counts, nobody waits ->|<- what is missing of MEASURE_CLOCKS ->|
 *
 * Between its two ends anybody may have had the processor (an SMI, a computer that runs this one
 * besides others): both clocks go on. At an end it would add to the time of one of them: so how
 * long each end took is what the measurement is unsure of.
 */
#include <cpu/control.h>
#include <cpu/cpuid.h>
#include <dev/pit.h>
#include <stdbool.h>

#define CHANNEL2_ONE_SHOT 0xB0 /* channel 2, low then high byte, mode 0: output high at the end */
#define CHANNEL2_LATCH 0x80    /* the next two bytes are the count of this moment */
#define PORT_B 0x61
#define PORT_B_GATE2 0x01
#define PORT_B_SPEAKER 0x02
#define PORT_B_OUTPUT2 0x20

#define LONGEST 0xFFFF                       /* clocks: 55 ms */
#define MEASURE_CLOCKS (PIT_FREQUENCY / 500) /* 2 ms: a clock more or less is 0.04 % */
#define MEASUREMENTS 50
#define MEASURE_LOOKS 100000 /* a machine without channel 2 must not hang here */

uint32_t tsc_khz;

static uint64_t begun, begun_unsure; /* TSC when the channel began to count, or less by that much */

void tsc_measure_begin(void) {
    if (!cpu.tsc) return;
    outb(PORT_B, (uint8_t)((inb(PORT_B) & ~PORT_B_SPEAKER) | PORT_B_GATE2));
    outb(PIT_COMMAND, CHANNEL2_ONE_SHOT);
    outb(PIT_CHANNEL2, LONGEST & 0xFF);
    uint64_t before = rdtsc();
    outb(PIT_CHANNEL2, LONGEST >> 8);
    begun = rdtsc();
    begun_unsure = begun - before;
}

/* The same time by two clocks: since the channel began. `ticks` may be less by `unsure`. */
struct look {
    uint32_t clocks;
    uint64_t ticks, unsure;
};

/* False: the channel is at its end, and counts on from LONGEST; or it does not count at all. */
static bool look(struct look *now) {
    uint64_t before = rdtsc();

    outb(PIT_COMMAND, CHANNEL2_LATCH);
    uint64_t after = rdtsc();
    uint32_t count = inb(PIT_CHANNEL2);
    count |= (uint32_t)inb(PIT_CHANNEL2) << 8;
    now->clocks = LONGEST - count;
    now->ticks = after - begun;
    now->unsure = begun_unsure + (after - before);
    return count && !(inb(PORT_B) & PORT_B_OUTPUT2);
}

/* The first look that is late enough. False: it came too late, or the channel does not count. */
static bool look_late_enough(struct look *now) {
    for (int looks = 0; looks < MEASURE_LOOKS; looks++) {
        if (!look(now)) return false;
        if (now->clocks >= MEASURE_CLOCKS) return true;
    }
    return false;
}

/* The best of a few; most often the first one is good. */
void tsc_measure_end(void) {
    uint64_t least = UINT64_MAX;
    struct look now;

    if (!cpu.tsc) return;
    for (int i = 0; i < MEASUREMENTS; i++) {
        if (i) tsc_measure_begin();
        if (!look_late_enough(&now)) continue;
        if (now.unsure < least) tsc_khz = (uint32_t)(now.ticks * PIT_FREQUENCY / now.clocks / 1000);
        if (now.unsure < least) least = now.unsure;
        if (now.unsure < now.ticks / 256) return;
    }
}
