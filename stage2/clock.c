/*
 * clock.c: the ticks of the BIOS's clock; and seconds of the battery's where that one stands. Real mode.
 *
 * It stands where the timer's interrupt is masked or does not arrive, or where the timer does not count: in
 * chipsets since 2015 it can be gated.
 */
#include "clock.h"

#include <stdint.h>

#include "bios.h"

#define BDA_TICKS ((volatile const uint16_t *)0x46C) /* counts up 18.2 times a second (IBM PC AT) */
#define RTC_READ_TIME 0x02                           /* INT 1Ah, AH; DH are seconds */
#define TICKS_A_SECOND 18
#define TICKS_SEEN_ENOUGH 2 /* a timer that was set to interrupt once is not one that goes */

static uint16_t last_ticks;
static uint8_t last_second;
static uint32_t ticks_seen;

/* The same as before if there is no such clock: INT 1Ah does nothing on an XT. */
static uint8_t rtc_second(void) {
    struct bios_regs regs = {.ah = RTC_READ_TIME, .dh = last_second};

    bios_int(0x1A, &regs);
    return regs.eflags & EFLAGS_CF ? last_second : regs.dh;
}

static bool bios_clock_goes(void) {
    return ticks_seen >= TICKS_SEEN_ENOUGH;
}

void clock_start(void) {
    last_ticks = *BDA_TICKS;
    last_second = rtc_second();
}

static bool tick_of_bios(void) {
    uint16_t now = *BDA_TICKS;
    bool passed = now != last_ticks;

    last_ticks = now;
    if (passed && !bios_clock_goes()) ticks_seen++;
    return passed;
}

/* A second is told as ticks, one a call. */
static bool tick_of_rtc(void) {
    static uint32_t untold;

    if (untold) {
        untold--;
        return true;
    }
    uint8_t now = rtc_second();
    if (now != last_second) untold = TICKS_A_SECOND;
    last_second = now;
    return false;
}

bool clock_tick(void) {
    return tick_of_bios() || (!bios_clock_goes() && tick_of_rtc());
}

void clock_sleep(void) {
    if (bios_clock_goes()) __asm__ volatile("sti; hlt");
}
