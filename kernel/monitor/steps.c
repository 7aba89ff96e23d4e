/*
 * steps.c: the command steps: every transition from the BIOS to here, with its time stamp.
 * The same steps as the @STEP lines on COM1: docs/reference/step-protocol.md.
 */
#include <ascent/step_line.h>
#include <boot/boot.h>
#include <lib/printk.h>
#include <monitor/commands.h>

bool command_steps(int argc, char **argv) {
    (void)argc, (void)argv;
    printk("id step           cr0      cs       cycles since first   since last\n");
    for (uint32_t i = 0; i < boot_steps_count; i++) {
        const struct boot_step *step = &boot_steps[i];
        const struct boot_step *last = i ? step - 1 : step;
        printk("%02u %-14s %08x %04x %20llu %12llu\n", step->id, step_name(step->id), step->cr0,
               step->cs & 0xFFFF, step->tsc - boot_steps[0].tsc, step->tsc - last->tsc);
    }
    if (!boot_steps_count || !boot_steps[0].tsc)
        printk("no cycles: the processor has no time stamp counter\n");
    return true;
}
