/*
 * banner.c: the first screen: what machine this is, what the boot did with it, how to go on.
 */
#include <ascent/workarounds.h>
#include <boot/boot.h>
#include <cpu/cpuid.h>
#include <dev/pit.h>
#include <lib/printk.h>
#include <mm/pgtable.h>
#include <monitor/banner.h>

static void print_processor(void) {
    const char *brand = cpu.brand;

    while (*brand == ' ') brand++;
    if (*brand)
        printk("cpu:    %s\n", brand);
    else
        printk("cpu:    %s, family %u model %u\n", cpu.vendor, cpu.family, cpu.model);
}

/* From the first time stamp to the last: the processor starts to count at reset. */
static void print_boot_time(void) {
    uint64_t first = 0;

    for (uint32_t i = 0; i < boot_steps_count && !first; i++) first = boot_steps[i].tsc;
    if (!first || !tsc_khz) return;
    uint64_t last = boot_steps[boot_steps_count - 1].tsc;
    printk("boot:   %llu ms in the firmware and stage 1, %llu ms from there\n", first / tsc_khz,
           (last - first) / tsc_khz);
}

static void put_workaround(const char *text) {
    printk("%s", text);
}

/* What the loader had to do because the machine did not do as it should. */
static void print_worked_around(void) {
    if (!boot_info.workarounds) return;
    printk("worked around: ");
    print_workarounds(boot_info.workarounds);
    printk("\n");
}

void banner_print(void) {
    printk("\nAscent: you are in ring 0, protected mode, %s paging, above c0000000.\n",
           kernel_mm.mode->name);
    print_processor();
    print_boot_time();
    print_worked_around();
    printk("Type help for the commands; regs, gdt, pt c0100000 and steps are good ones.\n\n");
}
