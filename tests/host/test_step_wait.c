/*
 * test_step_wait.c: how long a stop of step mode waits, by a clock of our own.
 */
#define ASCENT_IO_H /* the ports below stand in for the real ones */

#include "cmocka_test.h"

#include <ascent/boot_info.h>
#include <ascent/eflags.h>

/* The timer: counts from FFFF down, by two in mode 3; a round of the loop takes a millisecond. */
#define HZ 1193182u
static uint64_t ticks;
static int latched_bytes;
static bool status_wanted;

static uint8_t inb(uint16_t port) {
    uint32_t count = 0xFFFF - (uint32_t)(ticks * 2 & 0xFFFF);

    if (port != 0x40) return 0;
    if (status_wanted) {
        status_wanted = false;
        return 3 << 1; /* mode 3 */
    }
    return (uint8_t)(count >> 8 * (latched_bytes++ & 1));
}

static void outb(uint16_t port, uint8_t value) {
    if (port != 0x43) return;
    status_wanted = value == 0xE2;
    if (value == 0) latched_bytes = 0;
}

#include <ascent/step_stop.h>

#include "no_disk.h"

const struct step_text step_texts[] = {{.name = "step"}};
const uint32_t step_text_count = 1;

static uint64_t key_at; /* ticks; 0: never */

static char step_key(enum step_id id) {
    (void)id;
    ticks += HZ / 1000;
    if (!key_at || ticks < key_at) return 0;
    return 'X';
}

static void step_show(enum step_view view, const struct boot_step *before,
                      const struct boot_step *now) {
    (void)view, (void)before, (void)now;
}

static void step_break(enum step_id id) {
    (void)id;
}

/* After how many seconds the machine goes on by itself, or 0 if it still waits after `patience`. */
static uint32_t runs_after(enum step_id id, uint32_t seen, uint32_t patience) {
    ticks = 0;
    key_at = (uint64_t)patience * HZ;
    boot_info.step_mode = STEP_MODE_ON | seen;
    (void)step_stop_at, (void)step_polled_key; /* the loader's and the kernel's, not ours */
    return step_wait(id) == 'r' ? (uint32_t)((ticks + HZ / 2) / HZ) : 0;
}

#define HOUR 3600

static void nobody(void **state) {
    (void)state;
    assert_int_equal(runs_after(STEP_MBR, 0, HOUR), STEP_FIRST_SECONDS);
    assert_int_equal(runs_after(STEP_KERNEL_LOADED, 0, HOUR), STEP_FIRST_SECONDS);
    assert_int_equal(runs_after(STEP_MBR, 0, STEP_FIRST_SECONDS - 1), 0);
}

static void keyboard_of_the_bios(void **state) {
    (void)state;
    assert_int_equal(runs_after(STEP_KERNEL_LOADED, STEP_MODE_BIOS_KEY, HOUR), 0);
    assert_int_equal(runs_after(STEP_IRQ_OFF, STEP_MODE_BIOS_KEY, HOUR), STEP_WAIT_SECONDS);
    assert_int_equal(runs_after(STEP_KERNEL_CR3, STEP_MODE_BIOS_KEY, HOUR), STEP_WAIT_SECONDS);
}

static void keyboard_of_ours(void **state) {
    (void)state;
    for (uint32_t id = STEP_MBR; id <= STEP_IRQ_ON; id++) {
        assert_int_equal(runs_after(id, STEP_MODE_KEY, HOUR), 0);
        assert_int_equal(runs_after(id, STEP_MODE_KEY | STEP_MODE_BIOS_KEY, HOUR), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(nobody),
                                       cmocka_unit_test(keyboard_of_the_bios),
                                       cmocka_unit_test(keyboard_of_ours)};
    return cmocka_run_group_tests_name("step_wait", tests, 0, 0);
}
