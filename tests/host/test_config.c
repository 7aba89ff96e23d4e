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

static enum boot_error parse_choice(const char *text, uint32_t choice) {
    return config_parse(text, (uint32_t)strlen(text), choice);
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

/* ---- choices ---- */

static const char three[] = "kernel = K\nkernel_crc32 = 1\ninitrd = I\ninitrd_crc32 = 2\n"
                            "cmdline = front\nmodule = M front\nmodule = N\n"
                            "default = second one\ntimeout = 10\n"
                            "[first]\nstep = 1\n"
                            " [ second one ] \nkernel = L\ncmdline =\ninitrd_crc32 = 3\n"
                            "module = O  its  words \n"
                            "[third]\ninitrd =\nkernel_crc32 = 4\nkernel = P";

static void names_of_choices(void **state) {
    (void)state;
    assert_int_equal(parse(three), BOOT_OK);
    assert_int_equal(config_choices.count, 3);
    assert_int_equal(config_choices.timeout, 10);
    assert_string_equal(config_choices.names[0], "first");
    assert_string_equal(config_choices.names[1], "second one");
    assert_string_equal(config_choices.names[2], "third");
    assert_int_equal(config_choices.chosen, 1);
    assert_int_equal(parse("kernel = K"), BOOT_OK);
    assert_int_equal(config_choices.count, 0);
    assert_int_equal(config_choices.timeout, 0);
}

/* The lines in front hold where the choice has none of that key. */
static void a_choice_over_the_front(void **state) {
    (void)state;
    assert_int_equal(parse_choice(three, 0), BOOT_OK);
    assert_int_equal(config_choices.chosen, 0);
    assert_string_equal(config.kernel, "K");
    assert_string_equal(config.initrd, "I");
    assert_string_equal(config.cmdline, "front");
    assert_true(config.has_kernel_crc32 && config.kernel_crc32 == 1);
    assert_true(config.has_initrd_crc32 && config.initrd_crc32 == 2);
    assert_int_equal(config.step, 1);
    assert_int_equal(config.module_count, 2);
    assert_string_equal(config.modules[0].path, "M");
    assert_string_equal(config.modules[0].arguments, "front");
    assert_string_equal(config.modules[1].path, "N");
    assert_string_equal(config.modules[1].arguments, "");
}

/* A checksum in front is of the file in front: another file has its own or none. */
static void checksums_belong_to_their_file(void **state) {
    (void)state;
    assert_int_equal(parse_choice(three, 1), BOOT_OK);
    assert_string_equal(config.kernel, "L");
    assert_false(config.has_kernel_crc32);
    assert_string_equal(config.initrd, "I");
    assert_true(config.has_initrd_crc32 && config.initrd_crc32 == 3);
    assert_string_equal(config.cmdline, "");
    assert_int_equal(config.step, 0);
    assert_int_equal(config.module_count, 1);
    assert_string_equal(config.modules[0].path, "O");
    assert_string_equal(config.modules[0].arguments, "its  words");
    assert_int_equal(parse_choice(three, 2), BOOT_OK);
    assert_string_equal(config.kernel, "P");
    assert_true(config.has_kernel_crc32 && config.kernel_crc32 == 4); /* its line came first */
    assert_string_equal(config.initrd, "");
    assert_false(config.has_initrd_crc32);
}

static void the_first_is_the_default(void **state) {
    (void)state;
    assert_int_equal(parse("[a]\nkernel = A\n[b]\nkernel = B"), BOOT_OK);
    assert_string_equal(config.kernel, "A");
    assert_int_equal(parse_choice("[a]\nkernel = A\n[b]\nkernel = B", 1), BOOT_OK);
    assert_string_equal(config.kernel, "B");
}

static void names(void **state) {
    (void)state;
    const char longest[] = "kernel = K\n[1234567890123456789012345678901]";
    assert_int_equal(parse(longest), BOOT_OK);
    assert_string_equal(config_choices.names[0], "1234567890123456789012345678901");
    assert_int_equal(error_on_line(2, "kernel = K\n[12345678901234567890123456789012]"), E_CONFIG_NAME);
    assert_int_equal(error_on_line(2, "kernel = K\n[]"), E_CONFIG_NAME);
    assert_int_equal(error_on_line(2, "kernel = K\n[ ]"), E_CONFIG_NAME);
    assert_int_equal(error_on_line(2, "kernel = K\n["), E_CONFIG_NAME);
    assert_int_equal(error_on_line(2, "kernel = K\n[a"), E_CONFIG_NAME);
    assert_int_equal(error_on_line(2, "kernel = K\n[a] # words"), E_CONFIG_NAME);
    assert_int_equal(error_on_line(2, "kernel = K\n[\xC3\xA4]"), E_CONFIG_NAME);
    assert_int_equal(error_on_line(2, "kernel = K\n[a\tb]"), E_CONFIG_NAME);
    assert_int_equal(parse("kernel = K\n[ [a] = b] ]"), BOOT_OK);
    assert_string_equal(config_choices.names[0], "[a] = b]");
    assert_int_equal(error_on_line(4, "kernel = K\n[a]\n[b]\n[a]"), E_CONFIG_NAME_TWICE);
    assert_int_equal(parse("kernel = K\n[1]\n[2]\n[3]\n[4]\n[5]\n[6]\n[7]\n[8]\n[9]"), BOOT_OK);
    assert_int_equal(config_choices.count, CONFIG_CHOICES_MAX);
    assert_int_equal(error_on_line(11, "kernel=K\n[1]\n[2]\n[3]\n[4]\n[5]\n[6]\n[7]\n[8]\n[9]\n[10]"),
                     E_CONFIG_CHOICES);
}

static void default_and_timeout(void **state) {
    (void)state;
    assert_int_equal(error_on_line(2, "kernel = K\ndefault = b\n[a]\n"), E_CONFIG_DEFAULT_NAME);
    assert_int_equal(error_on_line(2, "kernel = K\ndefault =\n[a]\n"), E_CONFIG_DEFAULT_NAME);
    assert_int_equal(error_on_line(2, "kernel = K\ndefault = a"), E_CONFIG_PLACE);
    assert_int_equal(error_on_line(2, "kernel = K\ntimeout = 1"), E_CONFIG_PLACE);
    assert_int_equal(error_on_line(3, "kernel = K\n[a]\ndefault = a"), E_CONFIG_PLACE);
    assert_int_equal(error_on_line(3, "kernel = K\n[a]\ntimeout = 1"), E_CONFIG_PLACE);
    assert_int_equal(error_on_line(1, "timeout = 3601\n[a]\nkernel = K"), E_CONFIG_VALUE);
    assert_int_equal(error_on_line(1, "timeout = F\n[a]\nkernel = K"), E_CONFIG_VALUE);
    assert_int_equal(error_on_line(1, "timeout =\n[a]\nkernel = K"), E_CONFIG_VALUE);
    assert_int_equal(parse("timeout = 3600\n[a]\nkernel = K"), BOOT_OK);
    assert_int_equal(config_choices.timeout, 3600);
    assert_int_equal(error_on_line(2, "default = a\ndefault = a\n[a]\nkernel = K"), E_CONFIG_TWICE);
}

/* Whichever is chosen: a wrong line of another is found. */
static void all_choices_are_checked(void **state) {
    (void)state;
    for (uint32_t choice = 0; choice < 2; choice++) {
        assert_int_equal(parse_choice("kernel = K\n[a]\nstep = 2\n[b]", choice), E_CONFIG_VALUE);
        assert_int_equal(parse_choice("kernel = K\n[a]\n[b]\nstep = 2", choice), E_CONFIG_VALUE);
        assert_int_equal(parse_choice("[a]\nkernel = K\n[b]", choice), E_CONFIG_NO_KERNEL);
        assert_int_equal(error_details[0].value, 3);
        assert_int_equal(parse_choice("[a]\n[b]\nkernel = K", choice), E_CONFIG_NO_KERNEL);
        assert_int_equal(error_details[0].value, 1);
        assert_int_equal(parse_choice("kernel = K\n[a]\nkernel =\n[b]", choice), E_CONFIG_NO_KERNEL);
        assert_int_equal(error_details[0].value, 2);
        assert_int_equal(parse_choice("kernel = K\n[a]\nstep=0\nstep=0\n[b]", choice), E_CONFIG_TWICE);
    }
    assert_int_equal(parse("kernel = K\nstep = 0\n[a]\nstep = 0\n[b]\nstep = 0"), BOOT_OK);
}

static void modules(void **state) {
    (void)state;
    assert_int_equal(parse("kernel = K\nmodule = A\nmodule = A\nmodule = B\tx=y\nmodule=C"), BOOT_OK);
    assert_int_equal(config.module_count, 4);
    assert_string_equal(config.modules[2].path, "B");
    assert_string_equal(config.modules[2].arguments, "x=y");
    assert_int_equal(error_on_line(6, "kernel=K\nmodule=A\nmodule=A\nmodule=A\nmodule=A\nmodule=A"),
                     E_CONFIG_MODULES);
    assert_int_equal(error_on_line(2, "kernel = K\nmodule ="), E_CONFIG_VALUE);
    assert_int_equal(parse("kernel=K\nmodule=A\nmodule=A\nmodule=A\n[a]\nmodule=B\nmodule=B"), BOOT_OK);
    assert_int_equal(config.module_count, 2);
    char text[CMDLINE_MAX + 40] = "kernel = K\nmodule = A ";
    size_t start = strlen(text);
    memset(text + start, 'x', CMDLINE_MAX - 1);
    assert_int_equal(parse(text), BOOT_OK);
    text[start + CMDLINE_MAX - 1] = 'x';
    assert_int_equal(parse(text), E_CONFIG_VALUE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything),        cmocka_unit_test(defaults),
        cmocka_unit_test(errors),            cmocka_unit_test(unknown_keys_stop),
        cmocka_unit_test(longest_values),    cmocka_unit_test(a_key_twice),
        cmocka_unit_test(utf8_mark),         cmocka_unit_test(control_characters),
        cmocka_unit_test(names_of_choices),  cmocka_unit_test(a_choice_over_the_front),
        cmocka_unit_test(names),             cmocka_unit_test(checksums_belong_to_their_file),
        cmocka_unit_test(modules),           cmocka_unit_test(the_first_is_the_default),
        cmocka_unit_test(default_and_timeout), cmocka_unit_test(all_choices_are_checked),
    };
    return cmocka_run_group_tests_name("config", tests, 0, 0);
}
