/*
 * clock.c: what time it is.
 */
#include <cpu/control.h>
#include <dev/cmos.h>
#include <lib/irq.h>
#include <proc/clock.h>
#include <proc/task.h>
#include <proc/timer.h>

#define RTC_SECONDS 0x00 /* registers of the MC146818 */
#define RTC_MINUTES 0x02
#define RTC_HOURS 0x04
#define RTC_DAY 0x07
#define RTC_MONTH 0x08
#define RTC_YEAR 0x09
#define RTC_STATUS_A 0x0A
#define RTC_STATUS_B 0x0B
#define RTC_CENTURY 0x32 /* where ACPI tables usually say it is */
#define STATUS_A_UPDATING 0x80
#define STATUS_B_BINARY 0x04
#define STATUS_B_24_HOURS 0x02
#define HOURS_PM 0x80
#define RTC_TRIES 100000

struct wait_queue clock_is_set;
static uint64_t realtime_at_start; /* ns since 1970 */
static uint64_t tsc_at_start;
static uint64_t last;

struct rtc {
    uint8_t second, minute, hour, day, month, year, century;
};

static void read_once(struct rtc *rtc) {
    for (int i = 0; i < RTC_TRIES && cmos_read(RTC_STATUS_A) & STATUS_A_UPDATING; i++) {}
    *rtc = (struct rtc){cmos_read(RTC_SECONDS), cmos_read(RTC_MINUTES), cmos_read(RTC_HOURS),
                        cmos_read(RTC_DAY),     cmos_read(RTC_MONTH),   cmos_read(RTC_YEAR),
                        cmos_read(RTC_CENTURY)};
}

/* Two decimal digits, unless status B says binary. */
static unsigned number(uint8_t value, uint8_t status) {
    return status & STATUS_B_BINARY ? value : (value >> 4) * 10u + (value & 15u);
}

/* Days from 1 January 1970: a year that begins in March ends with the leap day. */
static uint32_t days_since_1970(unsigned year, unsigned month, unsigned day) {
    if (month < 3) {
        month += 12;
        year--;
    }
    return 365 * year + year / 4 - year / 100 + year / 400 + (153 * month - 457) / 5 + day - 719469;
}

static uint64_t seconds_of(const struct rtc *rtc, uint8_t status) {
    unsigned hour = number((uint8_t)(rtc->hour & ~HOURS_PM), status);
    unsigned century = number(rtc->century, status);

    if (!(status & STATUS_B_24_HOURS)) hour = hour % 12 + (rtc->hour & HOURS_PM ? 12 : 0);
    if (century < 19 || century > 21) century = 20; /* a register of other meaning */
    unsigned year = century * 100 + number(rtc->year, status);
    uint32_t days = days_since_1970(year, number(rtc->month, status), number(rtc->day, status));
    uint32_t minutes = hour * 60 + number(rtc->minute, status);
    return (uint64_t)days * 86400 + minutes * 60 + number(rtc->second, status);
}

/* Twice the same: the clock has not moved on in between. */
void clock_init(void) {
    struct rtc one, two;
    int tries = 0;

    do {
        read_once(&one);
        read_once(&two);
    } while (one.second != two.second && ++tries < 3);
    if (tsc_khz) tsc_at_start = rdtsc();
    realtime_at_start =
        seconds_of(&two, cmos_read(RTC_STATUS_B)) * NS_PER_SECOND - clock_monotonic();
}

/* Split, so that the product does not overflow after some hours. */
static uint64_t tsc_ns(void) {
    uint64_t ticks = rdtsc() - tsc_at_start;
    uint64_t seconds = ticks / ((uint64_t)tsc_khz * 1000),
             rest = ticks % ((uint64_t)tsc_khz * 1000);

    return seconds * NS_PER_SECOND + rest * 1000000 / tsc_khz;
}

/* It never goes back. Also from interrupt handlers. */
uint64_t clock_monotonic(void) {
    uint32_t eflags = irq_save();
    uint64_t now = tsc_khz ? tsc_ns() : (uint64_t)jiffies * NS_PER_TICK;

    if (now > last) last = now;
    now = last;
    irq_restore(eflags);
    return now;
}

uint64_t clock_realtime(void) {
    return realtime_at_start + clock_monotonic();
}

void clock_set_realtime(uint64_t now) {
    realtime_at_start = now - clock_monotonic();
    wake_up(&clock_is_set);
}

/* Whole ticks, and the next one for what is less: so it ends at the first tick at which the time
 * has come. Without a TSC the clock stands between two ticks, and whoever read it did so up to one
 * of them later. */
uint32_t clock_ticks_until(uint64_t until) {
    if (until == ~0ull) return WAIT_FOREVER;
    if (!tsc_khz) until += NS_PER_TICK;
    uint64_t now = clock_monotonic();
    if (now >= until) return 0;
    uint64_t ticks = (until - now) / NS_PER_TICK;
    if (ticks > TIMER_MAX) return TIMER_MAX;
    return ticks ? (uint32_t)ticks : 1;
}

uint32_t clock_split(uint64_t ns, uint64_t *seconds) {
    *seconds = ns / NS_PER_SECOND;
    return (uint32_t)(ns % NS_PER_SECOND);
}
