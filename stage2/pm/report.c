/*
 * report.c: how this boot went, and the report under an error. 32-bit code, called through pm_switch():
 * it must not want A20.
 */
#include <ascent/report.h>

#include "boot.h"
#include "pm.h"
#include "print.h"

#define MB 0x100000u

static void report_put(char c) {
    pm_put(c);
}

/* Memory above 1 MB is what it seems to be once A20 is on. */
static const void *report_mapped(uint32_t phys, uint32_t bytes) {
    if (phys + bytes < phys || (phys + bytes > MB && !boot_info.a20_method)) return 0;
    return (const void *)phys;
}

static void print_worked_around(void) {
    if (!boot_info.workarounds) return;
    report_text("worked around: ");
    print_workarounds(boot_info.workarounds);
    report_put('\n');
}

void pm_methods(void *unused) {
    (void)unused;
    report_text("disk: ");
    report_disk_method();
    report_text("; a20: ");
    report_a20();
    report_put('\n');
    print_worked_around();
}

void pm_report(void *unused) {
    (void)unused;
    report_print(memory_map, raw_memory_map);
}
