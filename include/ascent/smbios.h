/*
 * smbios.h: what the firmware calls itself and its machine (SMBIOS 3.4, DSP0134). Header only, for the
 * loader's report and the kernel's; the host tests run it over damaged tables.
 *
 * Nothing that the tables say is trusted: every length is bounded by the table, every text by its end.
 */
#ifndef ASCENT_SMBIOS_H
#define ASCENT_SMBIOS_H

#include <stdbool.h>
#include <stdint.h>

#define SMBIOS_AREA 0xF0000 /* the entry point is in here, at a multiple of 16 (§5.2) */
#define SMBIOS_AREA_END 0x100000
#define SMBIOS_TABLE_MAX 0x10000
#define SMBIOS_BIOS 0 /* types of structures (§7) */
#define SMBIOS_SYSTEM 1
#define SMBIOS_END 127

/* Offsets within a structure. Those from 4 on are numbers of strings, from 1. */
#define SMBIOS_LENGTH 1
#define SMBIOS_HEADER_BYTES 4
#define SMBIOS_BIOS_VENDOR 4
#define SMBIOS_BIOS_VERSION 5
#define SMBIOS_SYSTEM_VENDOR 4
#define SMBIOS_SYSTEM_PRODUCT 5

/* Where the table of structures lies; 0 bytes if there is none. */
struct smbios_table {
    uint32_t phys;
    uint32_t bytes;
};

static inline bool smbios_sums_to_0(const uint8_t *bytes, uint32_t count) {
    uint8_t sum = 0;

    while (count--) sum = (uint8_t)(sum + *bytes++);
    return sum == 0;
}

static inline uint32_t smbios_dword(const uint8_t *bytes) {
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* Is this the entry point of version 2.1 (§5.2.1) or of 3.0 with a table below 4 GB (§5.2.2)? */
static inline bool smbios_entry(const uint8_t *entry, struct smbios_table *table) {
    uint32_t anchor = smbios_dword(entry);

    if (anchor == 0x5F4D535F && entry[5] >= 0x1F && entry[5] <= 0x20 && /* "_SM_" */
        smbios_sums_to_0(entry, entry[5])) {
        table->bytes = entry[0x16] | (uint32_t)entry[0x17] << 8;
        table->phys = smbios_dword(entry + 0x18);
        return true;
    }
    if (anchor == 0x334D535F && entry[4] == '_' && entry[6] == 0x18 && /* "_SM3_" */
        smbios_sums_to_0(entry, entry[6]) && !smbios_dword(entry + 0x14)) {
        table->bytes = smbios_dword(entry + 0x0C);
        table->phys = smbios_dword(entry + 0x10);
        if (table->bytes > SMBIOS_TABLE_MAX) table->bytes = SMBIOS_TABLE_MAX;
        return true;
    }
    return false;
}

/* Searches the 64 KB that `area` maps. */
static inline struct smbios_table smbios_find(const uint8_t *area) {
    struct smbios_table table = {0, 0};

    for (uint32_t at = 0; at + 32 <= SMBIOS_AREA_END - SMBIOS_AREA; at += 16)
        if (smbios_entry(area + at, &table)) break;
    return table;
}

/* How many bytes at `table` a structure takes with its strings, which an empty one ends (§6.1.3); 0 if
 * it goes on behind the end. */
static inline uint32_t smbios_size(const uint8_t *table, uint32_t bytes) {
    if (bytes < SMBIOS_HEADER_BYTES || table[SMBIOS_LENGTH] < SMBIOS_HEADER_BYTES) return 0;
    for (uint32_t at = table[SMBIOS_LENGTH]; at + 1 < bytes; at++)
        if (!table[at] && !table[at + 1]) return at + 2;
    return 0;
}

/* The string whose number is at `offset` of the first structure of this type; "" if there is none.
 * It ends with a NUL within the table. */
static inline const char *smbios_string(const uint8_t *table, uint32_t bytes, uint8_t type,
                                        uint8_t offset) {
    for (uint32_t size; (size = smbios_size(table, bytes)) != 0; table += size, bytes -= size) {
        if (table[0] == SMBIOS_END) break;
        if (table[0] != type) continue;
        uint32_t at = table[SMBIOS_LENGTH];
        uint32_t number = offset < at ? table[offset] : 0;
        for (; number > 1 && table[at]; number--)
            while (table[at++]) {}
        return number ? (const char *)table + at : "";
    }
    return "";
}

#endif
