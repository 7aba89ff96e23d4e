/*
 * rsdp.c: the RSDP, from which all ACPI tables are reached (ACPI 6.4 §5.2.5.1): on a line of 16 bytes in
 * the first KB of the EBDA, or from E0000h to the end of the BIOS. 32-bit code, which reaches all of it.
 */
#include <ascent/layout.h>
#include <stdbool.h>

#include "boot.h"
#include "bytes.h"
#include "pm.h"

#define BDA_EBDA_SEGMENT 0x40E
#define EBDA_BYTES 1024
#define BIOS_START 0xE0000
#define RSDP_ALIGN 16
#define RSDP_BYTES 20 /* of revision 0; its checksum makes them add up to 0 */

static bool is_rsdp(const uint8_t *at) {
    uint8_t sum = 0;

    if (!same_bytes(at, "RSD PTR ", 8)) return false;
    for (int i = 0; i < RSDP_BYTES; i++) sum = (uint8_t)(sum + at[i]);
    return !sum;
}

static uint32_t search(uint32_t start, uint32_t end) {
    for (; start < end; start += RSDP_ALIGN)
        if (is_rsdp((const uint8_t *)start)) return start;
    return 0;
}

void pm_find_rsdp(void *unused) {
    uint32_t ebda = *(const volatile uint16_t *)BDA_EBDA_SEGMENT * 16u;

    (void)unused;
    if (ebda >= LOADER_END && ebda <= LOW_MEMORY_END - EBDA_BYTES)
        boot_info.rsdp_phys = search(ebda, ebda + EBDA_BYTES);
    if (!boot_info.rsdp_phys) boot_info.rsdp_phys = search(BIOS_START, HIGH_MEMORY_START);
}
