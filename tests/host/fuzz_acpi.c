/*
 * fuzz_acpi.c: damaged ACPI tables. The input is the AML of a DSDT; behind it come pairs of an offset
 * and a byte, which change a table, the sum of which is then made right again.
 */
#include "acpi_tables.h"
#include <stddef.h>
#include <stdlib.h>

#define CHANGES_MAX 8
#define LENGTH_MAX 0x1800 /* of a table whose sum is made right: more would be slow */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint32_t tables[] = {DSDT_AT, FADT_AT, RSDT_AT, XSDT_AT};
    static const uint32_t bytes[] = {36, FADT_BYTES, 44, 44};
    struct acpi_s5 s5;

    if (size < 1 + CHANGES_MAX * 3 || size > 0x10000) return 0;
    const uint8_t *change = data + size - CHANGES_MAX * 3;
    lay_out(data + 1, (uint32_t)(change - data - 1));
    if (data[0] & 1) lay_out_revision_2();
    for (unsigned i = 0; i < CHANGES_MAX; i++, change += 3) {
        unsigned table = change[0] % 4;
        *at(tables[table] + change[1] % bytes[table]) ^= change[2];
        uint32_t length;
        memcpy(&length, at(tables[table] + 4), sizeof length);
        if (length >= 36 && length < LENGTH_MAX) seal(tables[table]);
    }
    if (!acpi_find_s5(memory_read, &s5) && (s5.type_a > 7 || s5.type_b > 7 || !s5.pm1a_control))
        abort();
    return 0;
}
