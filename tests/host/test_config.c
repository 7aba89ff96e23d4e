/*
 * test_config.c: BOOT.CFG.
 */
#include "cmocka_test.h"

#include <string.h>

#include "config.h"
#include "error.h"
#include "no_disk.h"

static uint32_t warned;

static void warn(uint32_t line) {
    warned = line;
}

static enum boot_error parse(const char *text) {
    warned = 0;
    return config_parse(text, (uint32_t)strlen(text), warn);
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

static void unknown_keys_warn(void **state) {
    (void)state;
    assert_int_equal(parse("kernel = K\nkernels = L\n"), BOOT_OK);
    assert_int_equal(warned, 2);
    assert_string_equal(config.kernel, "K");
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
        cmocka_unit_test(errors),            cmocka_unit_test(unknown_keys_warn),
        cmocka_unit_test(longest_values),
    };
    return cmocka_run_group_tests_name("config", tests, 0, 0);
}
