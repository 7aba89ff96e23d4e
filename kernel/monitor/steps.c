/*
 * steps.c: the command steps: every transition from the BIOS to here, with its time stamp.
 * The same steps as the @STEP lines on COM1: docs/reference/step-protocol.md.
 */
#include <ascent/step_text.h>
#include <boot/boot.h>
#include <lib/printk.h>
#include <monitor/commands.h>

/* The time stamps start where the processor is known to have a counter. */
static uint64_t first_tsc(void) {
    for (uint32_t i = 0; i < boot_steps_count; i++)
        if (boot_steps[i].tsc) return boot_steps[i].tsc;
    return 0;
}

bool command_steps(int argc, char **argv) {
    (void)argc, (void)argv;
    uint64_t first = first_tsc(), last = first;

    printk("id step           cr0      cs       cycles since first   since last\n");
    for (uint32_t i = 0; i < boot_steps_count; i++) {
        const struct boot_step *step = &boot_steps[i];
        printk("%02u %-14s %08x %04x", step->id, step_text(step->id)->name, step->cr0,
               step->cs & 0xFFFF);
        if (step->tsc) {
            printk(" %20llu %12llu", step->tsc - first, step->tsc - last);
            last = step->tsc;
        }
        printk("\n");
    }
    if (!first) printk("no cycles: the processor has no time stamp counter\n");
    return true;
}
