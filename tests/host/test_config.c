/*
 * test_config.c: BOOT.CFG.
 */
#include "cmocka_test.h"

#include <string.h>

#include "config.h"
#include "error.h"
#include "no_disk.h"

static enum boot_error parse(const char *text) {
    return config_parse(text, (uint32_t)strlen(text), CONFIG_DEFAULT);
}

/* The error of `text`, which must be about line `line`. */
static enum boot_error error_on_line(uint32_t line, const char *text) {
    enum boot_error error = parse(text);
    assert_string_equal(error_details[0].name, "line");
    assert_int_equal(error_details[0].value, line);
    return error;
}

static void everything(void **state) {
    (void)state;
    assert_int_equal(parse("# comment\r\n\r\n  kernel =  A/B.ELF \r\ninitrd=C\n\tcmdline = a = b  c\n"
                           "step = 1\nkernel_crc32 = 0123abCD\ninitrd_crc32 = F"),
                     BOOT_OK);
    assert_string_equal(config.kernel, "A/B.ELF");
    assert_string_equal(config.initrd, "C");
    assert_string_equal(config.cmdline, "a = b  c");
    assert_int_equal(config.step, 1);
    assert_true(config.has_kernel_crc32 && config.has_initrd_crc32);
    assert_int_equal(config.kernel_crc32, 0x0123ABCD);
    assert_int_equal(config.initrd_crc32, 0xF);
}

static void defaults(void **state) {
    (void)state;
    assert_int_equal(parse("kernel = K"), BOOT_OK);
    assert_string_equal(config.initrd, "");
    assert_string_equal(config.cmdline, "");
    assert_false(config.has_kernel_crc32 || config.has_initrd_crc32 || config.step);
}

static void errors(void **state) {
    (void)state;
    assert_int_equal(parse(""), E_CONFIG_NO_KERNEL);
    assert_int_equal(parse("kernel ="), E_CONFIG_NO_KERNEL);
    assert_int_equal(parse("kernel = K\n\nnonsense\n"), E_CONFIG_SYNTAX);
    assert_int_equal(error_details[0].value, 3);
    assert_int_equal(parse("= K"), E_CONFIG_SYNTAX);
    assert_int_equal(parse("kernel = K\nstep = 2"), E_CONFIG_VALUE);
    assert_int_equal(parse("kernel = K\nstep ="), E_CONFIG_VALUE);
    assert_int_equal(parse("kernel = K\nkernel_crc32 = 123456789"), E_CONFIG_VALUE);
    assert_int_equal(parse("kernel = K\nkernel_crc32 = 12345x"), E_CONFIG_VALUE);
}

static void unknown_keys_stop(void **state) {
    (void)state;
    assert_int_equal(error_on_line(2, "kernel = K\nkernels = L\n"), E_CONFIG_KEY);
    assert_int_equal(error_on_line(2, "kernel = K\nkernel_crc33 = 1\n"), E_CONFIG_KEY);
    assert_int_equal(error_on_line(1, "kerne = K"), E_CONFIG_KEY);
    assert_int_equal(error_on_line(1, "a_key_longer_than_any = K"), E_CONFIG_KEY);
    assert_int_equal(error_on_line(2, "kernel = K\nKERNEL = K"), E_CONFIG_KEY);
}

static void a_key_twice(void **state) {
    (void)state;
    assert_int_equal(error_on_line(3, "kernel = K\n\nkernel = L"), E_CONFIG_TWICE);
    assert_int_equal(error_on_line(3, "kernel = K\nstep = 0\nstep = 0"), E_CONFIG_TWICE);
}

static void utf8_mark(void **state) {
    (void)state;
    assert_int_equal(parse("\xEF\xBB\xBFkernel = K"), BOOT_OK);
    assert_string_equal(config.kernel, "K");
    assert_int_equal(parse("\xEF\xBB\xBF# only the mark is skipped\nkernel = K"), BOOT_OK);
    assert_int_equal(parse("\xEF\xBB"), E_CONFIG_SYNTAX);
    assert_int_equal(parse("kernel = K\n\xEF\xBB\xBFstep = 1"), E_CONFIG_KEY);
}

/* A NUL would end a value early, an escape would move the cursor when the path is printed. */
static void control_characters(void **state) {
    (void)state;
    const char with_nul[] = "kernel = K\ninitrd = INI\0RD.CPI";
    assert_int_equal(config_parse(with_nul, sizeof with_nul - 1, CONFIG_DEFAULT), E_CONFIG_CONTROL);
    assert_int_equal(error_details[0].value, 2);
    const char nul_alone[] = "kernel = K\n\0";
    assert_int_equal(config_parse(nul_alone, sizeof nul_alone - 1, CONFIG_DEFAULT), E_CONFIG_CONTROL);
    for (char c = 1; c < ' '; c++) {
        char text[] = "kernel = A?B";
        text[10] = c;
        enum boot_error error = c == '\t' ? BOOT_OK : c == '\n' ? E_CONFIG_SYNTAX : E_CONFIG_CONTROL;
        assert_int_equal(parse(text), error);
    }
    assert_int_equal(parse("kernel = K\x7F"), E_CONFIG_CONTROL);
    assert_int_equal(parse("kernel = K\n# \x1B[2J"), E_CONFIG_CONTROL);
    assert_int_equal(parse("kernel = K\ncmdline = \xC3\xA4"), BOOT_OK); /* UTF-8 text is none */
}

static void longest_values(void **state) {
    (void)state;
    char text[400] = "kernel = K\ncmdline = ";
    size_t start = strlen(text);
    memset(text + start, 'x', CMDLINE_MAX - 1);
    assert_int_equal(parse(text), BOOT_OK);
    assert_int_equal(strlen(config.cmdline), CMDLINE_MAX - 1);
    text[start + CMDLINE_MAX - 1] = 'x';
    assert_int_equal(parse(text), E_CONFIG_VALUE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything),        cmocka_unit_test(defaults),
        cmocka_unit_test(errors),            cmocka_unit_test(unknown_keys_stop),
        cmocka_unit_test(longest_values),    cmocka_unit_test(a_key_twice),
        cmocka_unit_test(utf8_mark),         cmocka_unit_test(control_characters),
    };
    return cmocka_run_group_tests_name("config", tests, 0, 0);
}
