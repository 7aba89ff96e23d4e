/*
 * test_smbios.c: the firmware's own tables, right and damaged.
 */
#include "cmocka_test.h"

#include <stdlib.h>
#include <string.h>

#include <ascent/smbios.h>

#include "no_disk.h"

#define AREA_BYTES (SMBIOS_AREA_END - SMBIOS_AREA)

static const uint8_t structures[] =
    "\x00\x08\0\0\x01\x02\0\0" "Vendor\0" "1.0\0\0"    /* BIOS: strings 1 and 2 */
    "\x04\x05\0\0\x01" "a processor\0\0"
    "\x01\x06\0\0\x02\x01" "Product\0" "Maker\0\0"       /* system: the other way round */
    "\x7f\x04\0\0\0";                                      /* end; the last NUL is the literal's */

static const char *find(const uint8_t *table, uint32_t bytes, uint8_t type, uint8_t offset) {
    return smbios_string(table, bytes, type, offset);
}

static void strings(void **state) {
    (void)state;
    uint32_t bytes = sizeof(structures);
    assert_string_equal(find(structures, bytes, SMBIOS_BIOS, SMBIOS_BIOS_VENDOR), "Vendor");
    assert_string_equal(find(structures, bytes, SMBIOS_BIOS, SMBIOS_BIOS_VERSION), "1.0");
    assert_string_equal(find(structures, bytes, SMBIOS_SYSTEM, SMBIOS_SYSTEM_VENDOR), "Maker");
    assert_string_equal(find(structures, bytes, SMBIOS_SYSTEM, SMBIOS_SYSTEM_PRODUCT), "Product");
    assert_string_equal(find(structures, bytes, SMBIOS_SYSTEM, 6), ""); /* behind the structure */
    assert_string_equal(find(structures, bytes, 2, SMBIOS_SYSTEM_VENDOR), "");
    assert_string_equal(find(structures, 0, SMBIOS_BIOS, SMBIOS_BIOS_VENDOR), "");
}

static void entry(uint8_t *area, uint32_t at, uint32_t phys, uint16_t bytes) {
    memcpy(area + at, "_SM_\0\x1f\x02\x08", 8);
    memcpy(area + at + 0x10, "_DMI_", 5);
    memcpy(area + at + 0x16, &bytes, 2);
    memcpy(area + at + 0x18, &phys, 4);
    area[at + 4] = 0;
    uint8_t sum = 0;
    for (int i = 0; i < 0x1F; i++) sum = (uint8_t)(sum + area[at + (uint32_t)i]);
    area[at + 4] = (uint8_t)-sum;
}

static void entry_point(void **state) {
    (void)state;
    uint8_t *area = calloc(1, AREA_BYTES); /* of this size, so that a byte too far is seen */
    assert_int_equal(smbios_find(area).bytes, 0);
    entry(area, AREA_BYTES - 32, 0xF1234, 99);
    assert_int_equal(smbios_find(area).phys, 0xF1234);
    assert_int_equal(smbios_find(area).bytes, 99);
    area[AREA_BYTES - 32 + 8] ^= 1; /* the checksum no longer fits */
    assert_int_equal(smbios_find(area).bytes, 0);
    free(area);
}

/* Every byte in turn is another one, and every length: what is found lies in the table, with its NUL. */
static void damage(void **state) {
    (void)state;
    for (uint32_t bytes = 0; bytes <= sizeof(structures); bytes++) {
        for (uint32_t at = 0; at < bytes; at++) {
            static const uint8_t values[] = {0, 1, 2, 3, 4, 5, 0x7F, 0x80, 0xFE, 0xFF};
            for (uint32_t i = 0; i < sizeof(values); i++) {
                uint8_t *table = malloc(bytes);
                memcpy(table, structures, bytes);
                table[at] = values[i];
                for (uint8_t offset = 4; offset < 6; offset++) {
                    (void)strlen(find(table, bytes, SMBIOS_BIOS, offset));
                    (void)strlen(find(table, bytes, SMBIOS_SYSTEM, offset));
                }
                free(table);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(strings), cmocka_unit_test(entry_point),
                                       cmocka_unit_test(damage)};
    return cmocka_run_group_tests_name("smbios", tests, 0, 0);
}
