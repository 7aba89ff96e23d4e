/*
 * report.c: the command report: the machine on one screen, for a photo or a mail.
 */
#include <ascent/layout.h>
#include <ascent/report.h>
#include <boot/boot.h>
#include <lib/printk.h>
#include <mm/physical.h>
#include <monitor/commands.h>

static void report_put(char c) {
    printk(c == '\n' ? "\n" : "%c", c);
}

/* The ROMs are in the direct map; a table that lies elsewhere is copied. */
static const void *report_mapped(uint32_t phys, uint32_t bytes) {
    static uint8_t copy[REPORT_READ_MAX];

    if (phys >= LOW_MEMORY_END && phys < HIGH_MEMORY_START && bytes <= HIGH_MEMORY_START - phys)
        return (const void *)(PAGE_OFFSET + phys);
    return bytes <= sizeof(copy) && physical_read(phys, copy, bytes) ? copy : 0;
}

/* What the loader asks for last, as it needs none of it: no error of its own comes behind it. */
static void report_facts(void) {
    const uint32_t names[] = {boot_info.disk_bus, boot_info.disk_interface};

    printk("disk is      signature %08X, %u bytes a sector; ", boot_info.disk_signature, boot_info.sector_size);
    if (boot_info.edd_version)
        printk("EDD %02X, functions %X, flags %X", boot_info.edd_version, boot_info.edd_functions,
               boot_info.disk_flags);
    else
        printk("no EDD");
    report_row("");
    printk("%u/%u/%u, %llu sectors", boot_info.disk_cylinders, boot_info.disk_heads,
           boot_info.disk_track_sectors,
           (uint64_t)boot_info.disk_sectors_high << 32 | boot_info.disk_sectors);
    if (names[0]) printk("; ");
    report_outside((const char *)names, sizeof(names));
    report_row("acpi");
    printk(boot_info.rsdp_phys ? "RSDP at %X\n" : "no RSDP\n", boot_info.rsdp_phys);
}

bool command_report(int argc, char **argv) {
    (void)argc, (void)argv;
    report_print(boot_map, boot_raw_map);
    report_facts();
    return true;
}
