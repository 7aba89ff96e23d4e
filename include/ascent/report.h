/*
 * report.h: the machine on one screen: what its BIOS is and how it was booted, to be photographed or
 * copied from COM1 (docs/real-hardware.md). 32-bit code, header only: compiled for the loader, which
 * shows it with an error, and for the kernel's monitor, which each supply
 *   report_put      prints a character
 *   report_mapped   `bytes` of physical memory (at most REPORT_READ_MAX, or the area of SMBIOS), or 0
 *                   where they cannot be read
 */
#ifndef ASCENT_REPORT_H
#define ASCENT_REPORT_H

#include <ascent/boot_info.h>
#include <ascent/smbios.h>
#include <ascent/workarounds.h>
#include <stdbool.h>
#include <stdint.h>

extern struct boot_info boot_info; /* the loader's and the kernel's have the same name */

static void report_put(char c);
static const void *report_mapped(uint32_t phys, uint32_t bytes);

#define REPORT_TEXT_MAX 34   /* of one text of the firmware: "Standard PC (i440FX + PIIX, 1996)" */
#define REPORT_RANGES_A_ROW 3
#define REPORT_RANGES_MAX 30 /* of the map; with the other rows and an error they fit one screen */
#define REPORT_READ_MAX 4096 /* the structures that we want come first */
#define BIOS_DATE 0xFFFF5    /* 8 characters, such as 06/23/99 (IBM PC AT Technical Reference) */
#define BIOS_DATE_BYTES 8
#define BIOS_MODEL 0xFFFFE   /* FC: AT and all that followed */

static void report_text(const char *text) {
    while (*text) report_put(*text++);
}

static void put_workaround(const char *text) {
    report_text(text);
}

/* Text of the firmware: what is not printable is a dot. */
static void report_outside(const char *text, uint32_t bytes) {
    for (; bytes && *text; bytes--, text++)
        report_put(*text >= ' ' && *text < 0x7F ? *text : '.');
}

static void report_number(uint32_t value, uint32_t base) {
    if (value >= base) report_number(value / base, base);
    report_put("0123456789ABCDEF"[value % base]);
}

/* "name  " in a column of its own. */
static void report_row(const char *name) {
    int width = 13;

    report_put('\n');
    for (; *name; width--) report_put(*name++);
    while (width-- > 0) report_put(' ');
}

static void report_smbios(const uint8_t *structures, uint32_t bytes, uint8_t type, uint8_t offset) {
    const char *text = smbios_string(structures, bytes, type, offset);

    if (*text) report_put(' ');
    report_outside(text, REPORT_TEXT_MAX);
}

/* The BIOS by its date and model byte, and machine and BIOS by SMBIOS, where that can be read. */
static void report_firmware(void) {
    const uint8_t *area = report_mapped(SMBIOS_AREA, SMBIOS_AREA_END - SMBIOS_AREA);
    const uint8_t *structures = 0;
    struct smbios_table table = {0, 0};

    if (area) table = smbios_find(area);
    if (table.bytes > REPORT_READ_MAX) table.bytes = REPORT_READ_MAX;
    if (table.bytes) structures = report_mapped(table.phys, table.bytes);
    if (!structures) table.bytes = 0;
    report_row("machine");
    report_text(table.bytes ? "SMBIOS:" : "unnamed");
    report_smbios(structures, table.bytes, SMBIOS_SYSTEM, SMBIOS_SYSTEM_VENDOR);
    report_smbios(structures, table.bytes, SMBIOS_SYSTEM, SMBIOS_SYSTEM_PRODUCT);
    report_row("bios");
    if (area) report_outside((const char *)area + BIOS_DATE - SMBIOS_AREA, BIOS_DATE_BYTES);
    report_text(", model ");
    report_number(area ? area[BIOS_MODEL - SMBIOS_AREA] : 0, 16);
    if (table.bytes) report_put(';');
    report_smbios(structures, table.bytes, SMBIOS_BIOS, SMBIOS_BIOS_VENDOR);
    report_smbios(structures, table.bytes, SMBIOS_BIOS, SMBIOS_BIOS_VERSION);
}

static void report_cpuid(uint32_t leaf, uint32_t r[4]) {
    __asm__ volatile("cpuid"
                     : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
                     : "a"(leaf), "c"(0));
}

static void report_processor(void) {
    static const struct {
        uint8_t bit;
        char name[5];
    } features[] = {{0, "fpu"}, {3, "pse"}, {4, "tsc"},  {6, "pae"},
                    {8, "cx8"}, {9, "apic"}, {13, "pge"}, {26, "sse2"}};
    uint32_t r[4];

    report_row("cpu");
    if (!(boot_info.cpu_flags & BOOT_CPU_CPUID)) {
        report_text("without CPUID, or not asked yet");
        return;
    }
    report_cpuid(0, r);
    const uint32_t vendor[] = {r[1], r[3], r[2], 0};
    report_outside((const char *)vendor, 12);
    if (r[0] < 1) return;
    report_cpuid(1, r);
    report_text(", signature ");
    report_number(r[0], 16);
    report_put(':');
    for (unsigned i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
        if (!(r[3] >> features[i].bit & 1)) continue;
        report_put(' ');
        report_text(features[i].name);
    }
    if (boot_info.cpu_flags & BOOT_CPU_NX) report_text(" nx");
}

/* Hexadecimal, without leading zeros. */
static void report_address(uint64_t value) {
    if (value >> 32) report_address(value >> 4);
    else if (value >> 4) report_number((uint32_t)(value >> 4), 16);
    report_put("0123456789ABCDEF"[value & 15]);
}

/* 22 characters for addresses of 36 bits; wider where they are longer. */
static void report_range(const struct memory_range *range) {
    static const char types[] = "?urAnb"; /* enum memory_type: usable, reserved, ACPI, NVS, bad */
    uint64_t last = range->base + range->length - 1;

    if (last < range->base) last = UINT64_MAX; /* BIOSes have claimed more than there are addresses */
    report_put(range->type < sizeof(types) - 1 ? types[range->type] : '?');
    report_put(' ');
    report_address(range->base);
    report_put('-');
    if (range->length) report_address(last);
    else report_text("empty");
    report_text("  ");
}

/* How much there is, and the BIOS's own map: first and last address, and a letter for the type. */
static void report_memory(const struct memory_range *map, const struct memory_range *raw) {
    static const char *const sources[] = {"not asked yet", "INT 15h E820", "INT 15h E801",
                                          "INT 15h 88h"};
    uint32_t kilobytes = 0;

    report_row("memory");
    report_text(sources[boot_info.map_source & 3]);
    for (uint32_t i = 0; i < boot_info.map_count; i++)
        if (map[i].type == MEMORY_USABLE) kilobytes += (uint32_t)(map[i].length >> 10);
    report_text(", ");
    report_number(boot_info.raw_map_count, 10);
    report_text(" ranges, sanitised ");
    report_number(boot_info.map_count, 10);
    report_text(", usable KB ");
    report_number(kilobytes, 10);
    for (uint32_t i = 0; i < boot_info.raw_map_count && i < REPORT_RANGES_MAX; i++) {
        if (i % REPORT_RANGES_A_ROW == 0) report_row("");
        report_range(&raw[i]);
    }
    if (boot_info.raw_map_count <= REPORT_RANGES_MAX) return;
    report_row("");
    report_text("and ");
    report_number(boot_info.raw_map_count - REPORT_RANGES_MAX, 10);
    report_text(" more");
}

static void report_disk_method(void) {
    report_number(boot_info.boot_drive, 16);
    report_text(boot_info.disk_method == DISK_CHS ? "h by CHS, " : "h by EDD, ");
    report_number(boot_info.disk_max_transfer, 10);
    report_text(" sectors a call");
}

static void report_disk(void) {
    report_row("disk");
    report_disk_method();
    report_text("; partition ");
    report_number(boot_info.boot_partition, 10);
    report_text(" at LBA ");
    report_number(boot_info.partition_lba, 10);
}

static void report_a20(void) {
    static const char *const methods[] = {
        "off, or not asked yet", "on from the start", "switched on by the BIOS",
        "switched on by the keyboard controller", "switched on by port 92h"};

    report_text(methods[boot_info.a20_method < 5 ? boot_info.a20_method : 0]);
}

static void report_methods(void) {
    report_row("a20");
    report_a20();
    report_text("; COM1 at ");
    if (boot_info.flags & BOOT_HAS_SERIAL) report_number(boot_info.serial_port, 16);
    else report_text("no port");
    report_row("workarounds");
    if (!boot_info.workarounds) report_text("none");
    print_workarounds(boot_info.workarounds);
}

/* `map` is the sanitised map, `raw` the BIOS's own. */
static void report_print(const struct memory_range *map, const struct memory_range *raw) {
    report_text("Report");
    report_firmware();
    report_processor();
    report_memory(map, raw);
    report_methods();
    report_disk();
    report_put('\n');
}

#endif
