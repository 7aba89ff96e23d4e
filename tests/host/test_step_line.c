/*
 * test_step_line.c: the format of the @STEP line, which other programs read.
 */
#include "cmocka_test.h"

#include <string.h>

#include <ascent/step_line.h>

#include "no_disk.h"

/* Of the texts, only the names are in the line. */
const struct step_text step_texts[] = {
#define STEP(number, id, place, label, ...) {.name = label},
#include <ascent/steps.def>
#undef STEP
};
const uint32_t step_text_count = sizeof step_texts / sizeof step_texts[0];

static void changes_have_arrows(void **state) {
    (void)state;
    const struct boot_step before = {.id = STEP_GDT_LOAD, .cr0 = 0x10, .gdtr_base = 0xD910,
                                     .gdtr_limit = 0x27};
    struct boot_step now = before;
    char line[STEP_LINE_MAX];
    now.id = STEP_PE_SET;
    now.cr0 = 0x11;
    now.eip = 0x80E6;
    now.tsc = 0x123456789ull;
    const char *end = step_line(line, &before, &now);
    assert_string_equal(end, "\r\n"); /* here the kernel adds what else a step is about */
    assert_string_equal(line,
        "@STEP 09 pe-set cr0=00000010->00000011 cr3=00000000 cr4=00000000 cs=0000 ds=0000 ss=0000 "
        "gdtr=0000d910/0027 idtr=00000000/0000 eip=000080e6 esp=00000000 eflags=00000000 "
        "tsc=0000000123456789\r\n");
}

static void longest_line_fits(void **state) {
    (void)state;
    struct boot_step before, now;
    char line[STEP_LINE_MAX];
    memset(&before, 0, sizeof before);
    memset(&now, 0xFF, sizeof now);
    now.id = STEP_KERNEL_LOADED; /* the longest name */
    step_line(line, &before, &now);
    assert_true(strlen(line) < STEP_LINE_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_have_arrows),
        cmocka_unit_test(longest_line_fits),
    };
    return cmocka_run_group_tests_name("step_line", tests, 0, 0);
}
