/*
 * test_tsc_measure.c: the time stamp counter is measured right, whoever else has had the processor: by a
 * clock and a timer of our own. Each access to either takes its time, and any of them may take long.
 */
#define CPU_CONTROL_H /* what is below stands in for ports and processor */

#include "cmocka_test.h"

#include <cpu/cpuid.h>
#include <dev/pit.h>
#include <string.h>

#define US 1000ull /* all times are in nanoseconds */
#define MS (1000 * US)
#define TSC_KHZ 2400000 /* of this machine */
#define TSC_TAKES 20
#define CHANNEL_ENDS (54920 * US) /* 65,535 clocks */
#define NOBODY (~0u)

struct cpu_features cpu = {.tsc = true};

static uint64_t now, loaded;           /* since reset; when channel 2 began to count */
static unsigned accesses, long_access; /* so far; and the one that takes `longer` */
static uint64_t longer;
static uint64_t port_takes = US;
static enum { WHOLE, NO_PORTS, ZEROS, STANDS_STILL } machine;
static uint32_t latch, latched_bytes, loaded_bytes;

/* Half of the time goes by before it has its effect. */
static void access_takes(uint64_t time) {
    now += time / 2;
    if (accesses++ == long_access) now += longer;
}

static uint64_t clocks_counted(void) {
    return machine == STANDS_STILL ? 0 : (now - loaded) * PIT_FREQUENCY / 1000000000;
}

static uint64_t rdtsc(void) {
    access_takes(TSC_TAKES);
    uint64_t value = now * TSC_KHZ / 1000000;
    now += TSC_TAKES / 2;
    return value;
}

static uint8_t inb(uint16_t port) {
    uint8_t value = 0;

    access_takes(port_takes);
    if (port == PIT_CHANNEL2) value = (uint8_t)(latch >> 8 * (latched_bytes++ & 1));
    if (port == 0x61) value = clocks_counted() > 0xFFFF ? 0x20 : 0;
    now += port_takes / 2;
    if (machine == NO_PORTS) return 0xFF;
    return machine == ZEROS ? 0 : value;
}

static void outb(uint16_t port, uint8_t value) {
    access_takes(port_takes);
    if (port == PIT_COMMAND && value == 0x80) {
        latch = 0xFFFF - (uint32_t)(clocks_counted() & 0xFFFF);
        latched_bytes = 0;
    }
    if (port == PIT_COMMAND && value == 0xB0) loaded_bytes = 0;
    if (port == PIT_CHANNEL2 && ++loaded_bytes == 2) loaded = now;
    now += port_takes / 2;
}

#include "../../kernel/dev/pit_measure.c"

/* The rate, where `work` passes between the two ends. `*took`: how long both were at it. */
static uint32_t measure(uint64_t work, uint64_t *took) {
    accesses = 0;
    tsc_khz = 0;
    uint64_t start = now;
    tsc_measure_begin();
    now += work;
    tsc_measure_end();
    *took = now - start;
    return tsc_khz;
}

static void assert_right(uint32_t khz) {
    assert_in_range(khz, TSC_KHZ - TSC_KHZ / 256, TSC_KHZ + TSC_KHZ / 256);
}

static void undisturbed(void **state) {
    uint64_t took;

    (void)state;
    machine = WHOLE;
    long_access = NOBODY;
    for (uint64_t work = 0; work < 200 * MS; work += 33 * US) {
        assert_right(measure(work, &took));
        uint64_t least = work > CHANNEL_ENDS ? work + 2 * MS : work > 2 * MS ? work : 2 * MS;
        assert_in_range(took, least - 20 * US, least + 40 * US);
    }
}

/* Somebody has the processor at one access, of all that a measurement has. */
static void held_up_once(void **state) {
    static const uint64_t held[] = {9 * US, 30 * US, MS, 10 * MS, 54 * MS, 56 * MS, 200 * MS};
    uint64_t took;

    (void)state;
    machine = WHOLE;
    for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++) {
        longer = held[i];
        for (long_access = 0; long_access < 3000; long_access++) {
            assert_right(measure(300 * US, &took));
            if (accesses <= long_access) break; /* it did not come to that one */
        }
        assert_true(long_access > 20);
    }
}

/* Ports so slow that no measurement is good: the best of them is taken, not the last. */
static void slow_ports(void **state) {
    uint64_t took;

    (void)state;
    machine = WHOLE;
    port_takes = 20 * US;
    longer = 1 * MS;
    long_access = NOBODY;
    measure(300 * US, &took);
    unsigned all = accesses;
    for (long_access = all - 10; long_access < all; long_access++)
        assert_in_range(measure(300 * US, &took), TSC_KHZ * 0.97, TSC_KHZ * 1.03);
    port_takes = US;
}

/* No channel 2, or one that does not count: no rate is better than a wrong one. It ends. */
static void no_timer(void **state) {
    uint64_t took;

    (void)state;
    long_access = NOBODY;
    for (machine = NO_PORTS; machine <= STANDS_STILL; machine++)
        assert_int_equal(measure(300 * US, &took), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(undisturbed),
        cmocka_unit_test(held_up_once),
        cmocka_unit_test(slow_ports),
        cmocka_unit_test(no_timer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
