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

bool command_report(int argc, char **argv) {
    (void)argc, (void)argv;
    report_print(boot_map, boot_raw_map);
    return true;
}
