/*
 * test_crc32.c: CRC-32 against its check value and against one bit at a time.
 */
#include "cmocka_test.h"

#include <stdlib.h>
#include <string.h>

#include "crc32.h"
#include "no_disk.h"

static crc32_tables tables;

static uint32_t bit_by_bit(const uint8_t *data, uint32_t bytes) {
    uint32_t crc = UINT32_MAX;
    while (bytes--) {
        crc ^= *data++;
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
    }
    return ~crc;
}

static void check_value(void **state) {
    (void)state;
    assert_int_equal(crc32(tables, 0, "123456789", 9), 0xCBF43926);
    assert_int_equal(crc32(tables, 0, "", 0), 0);
}

static void any_length_in_any_pieces(void **state) {
    (void)state;
    uint8_t data[100];
    srand(4);
    for (int i = 0; i < 100; i++) data[i] = (uint8_t)rand();
    for (uint32_t bytes = 0; bytes <= 90; bytes++)
        for (uint32_t cut = 0; cut <= bytes; cut++) {
            uint32_t crc = crc32(tables, 0, data + 3, cut);
            crc = crc32(tables, crc, data + 3 + cut, bytes - cut);
            assert_int_equal(crc, bit_by_bit(data + 3, bytes));
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_value),
        cmocka_unit_test(any_length_in_any_pieces),
    };
    crc32_init(tables);
    return cmocka_run_group_tests_name("crc32", tests, 0, 0);
}
