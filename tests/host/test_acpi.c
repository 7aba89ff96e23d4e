/*
 * test_acpi.c: from the RSDP to _S5_, over tables that a small firmware of our own lays out.
 */
#include "cmocka_test.h"
#include "acpi_tables.h"

static struct acpi_s5 s5;

static const char *find(void) {
    s5 = (struct acpi_s5){0};
    return acpi_find_s5(memory_read, &s5);
}

static void check(uint16_t port, uint8_t type_a, uint8_t type_b) {
    const char *missing = find();
    if (missing) fail_msg("%s", missing);
    assert_int_equal(s5.pm1a_control, port);
    assert_int_equal(s5.type_a, type_a);
    assert_int_equal(s5.type_b, type_b);
}

/* QEMU's: Name (_S5, Package () {Zero, Zero, Zero, Zero}), behind other names. */
static void as_qemu(void **state) {
    (void)state;
    lay_out(AML("\x10\x05\\_SB_" "\x08_S3_\x12\x06\x04\x01\x01\x00\x00"
                "\x08_S5_\x12\x06\x04\x00\x00\x00\x00"));
    check(0x604, 0, 0);
    assert_int_equal(s5.pm1b_control, 0);
    assert_int_equal(s5.smi_command, 0xB2);
    assert_int_equal(s5.enable, 2);
}

/* Bytes, words, a name from the root, a length of two bytes. */
static void as_others(void **state) {
    (void)state;
    lay_out(AML("\x08\\_S5_\x12\x0A\x04\x0A\x05\x0A\x07\x00\x00"));
    check(0x604, 5, 7);
    lay_out(AML("\x08_S5_\x12\x48\x00\x02\x0B\x03\x00\x0C\x04\x00\x00\x00"));
    check(0x604, 3, 4);
}

/* At each offset of a DSDT that is read in parts, up to its very end. */
static void anywhere(void **state) {
    (void)state;
    for (unsigned before = 0; before < 1100; before++) {
        uint8_t aml[1200] = {0};
        memcpy(aml + before, "\x08_S5_\x12\x06\x04\x01\x00\x00\x00", 12);
        lay_out(aml, before + 12);
        check(0x604, 1, 0);
    }
}

static void nowhere(void **state) {
    (void)state;
    static const struct {
        const char *aml;
        unsigned bytes;
    } wrong[] = {
        {AML("")},
        {AML("\x08_S4_\x12\x06\x04\x01\x01\x00\x00")},
        {AML("\x10_S5_\x12\x06\x04\x01\x01\x00\x00")}, /* a scope of this name */
        {AML("\x08_S5_")},
        {AML("\x08_S5_\x12")},
        {AML("\x08_S5_\x12\xC6\x00")},
        {AML("\x08_S5_\x12\x06\x01\x01\x01")},      /* one element */
        {AML("\x08_S5_\x12\x06\x04\x0A")},          /* ends in an integer */
        {AML("\x08_S5_\x12\x06\x04\x0A\x08\x00")},  /* more than 3 bits */
        {AML("\x08_S5_\x12\x06\x04XXXX\x00\x00")},  /* names of integers */
    };

    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        lay_out(wrong[i].aml, wrong[i].bytes);
        assert_string_equal(find(), "no _S5_ in the DSDT");
    }
}

/* Each table with a wrong sum, a wrong length or a wrong name is as good as none. */
static void damaged(void **state) {
    (void)state;
    static const struct {
        uint32_t at;
        const char *missing;
    } tables[] = {{RSDP_AT, "no RSDP"}, {RSDT_AT, "no FADT"}, {FADT_AT, "no FADT"},
                  {DSDT_AT, "no _S5_ in the DSDT"}};

    for (unsigned i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        for (unsigned byte = 0; byte < 20; byte++) {
            lay_out(AML("\x08_S5_\x12\x06\x04\x00\x00\x00\x00"));
            *at(tables[i].at + byte) ^= 0x40;
            assert_string_equal(find(), tables[i].missing);
        }
    }
}

/* From the EBDA; and an XSDT where there is one, else the RSDT. */
static void roots(void **state) {
    (void)state;
    lay_out(AML("\x08_S5_\x12\x06\x04\x00\x00\x00\x00"));
    memcpy(at(EBDA_AT + 1008), at(RSDP_AT), 36);
    memset(at(RSDP_AT), 0, 36);
    check(0x604, 0, 0);
    lay_out_revision_2();
    check(0x604, 0, 0);
    *at(XSDT_AT) = 'Y';
    check(0x604, 0, 0);
    *at(RSDT_AT) = 'Y';
    assert_string_equal(find(), "no FADT");
}

/* X_DSDT goes before DSDT, unless there is nothing behind it. */
static void two_dsdts(void **state) {
    (void)state;
    lay_out(AML("\x08_S5_\x12\x06\x04\x01\x00\x00\x00"));
    memcpy(at(DSDT_AT + 0x1000), at(DSDT_AT), 0x100);
    memcpy(at(DSDT_AT + 36), "\x08_S5_\x12\x06\x04\x00\x00\x00\x00", 12);
    seal(DSDT_AT);
    put32(FADT_AT + 140, DSDT_AT + 0x1000);
    seal(FADT_AT);
    check(0x604, 1, 0);
    put32(FADT_AT + 144, 1); /* above 4 GB */
    seal(FADT_AT);
    check(0x604, 0, 0);
}

static void ports(void **state) {
    (void)state;
    lay_out(AML("\x08_S5_\x12\x06\x04\x00\x00\x00\x00"));
    put32(FADT_AT + 64, 0x10604);
    seal(FADT_AT);
    assert_string_equal(find(), "no ports in the FADT");
    put32(FADT_AT + 64, 0);
    seal(FADT_AT);
    assert_string_equal(find(), "no ports in the FADT");
    put32(FADT_AT + 112, 1u << 20);
    seal(FADT_AT);
    assert_string_equal(find(), "a FADT without PM1 registers");
}

static void no_memory(void **state) {
    (void)state;
    lay_out(AML("\x08_S5_\x12\x06\x04\x00\x00\x00\x00"));
    for (uint32_t end = 0x100000; end > DSDT_AT - 0x1000; end -= 0x800) {
        memory_ends_at = end;
        (void)find();
    }
    memory_ends_at = 0;
    assert_string_equal(find(), "no RSDP");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_qemu), cmocka_unit_test(as_others), cmocka_unit_test(anywhere),
        cmocka_unit_test(nowhere), cmocka_unit_test(damaged),   cmocka_unit_test(roots),
        cmocka_unit_test(ports),   cmocka_unit_test(no_memory), cmocka_unit_test(two_dsdts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
