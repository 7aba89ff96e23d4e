/*
 * lesson_realmode.c: one call of the BIOS, and the state of the processor at each transition on the
 * way there and back; or many calls, and whether the clock has lost anything. Chapter:
 * docs/28-back-to-real-mode.md.
 */
#include <bios/bios.h>
#include <bios/bios_disk.h>
#include <dev/pit.h>
#include <lib/printk.h>
#include <mm/direct_map.h>
#include <monitor/lesson.h>
#include <proc/task.h>

#define INT_MEMORY_SIZE 0x12 /* AX = KB of conventional memory */
#define BDA_MEMORY_SIZE 0x413
#define TICKS_PER_SECOND 1000

/* What has just happened. */
static const char *const texts[REAL_STEPS] = {
    [REAL_STEP_KERNEL] = "in the kernel, before anything",
    [REAL_STEP_IDENTITY] = "CR3 maps low memory at itself; EIP and ESP are there",
    [REAL_STEP_PG_CLEAR] = "CR0.PG = 0: EIP is physical, and the same",
    [REAL_STEP_CS16] = "CS and all others are 16-bit segments of 64 KB",
    [REAL_STEP_PE_CLEAR] = "CR0.PE = 0: real mode, but CS still holds a selector",
    [REAL_STEP_REAL] = "the far jump: CS is a segment; IDTR at the BIOS's vectors",
    [REAL_STEP_BIOS] = "the BIOS has been called and has returned",
    [REAL_STEP_PE_SET] = "CR0.PE = 1: protected mode, CS still holds a segment",
    [REAL_STEP_CS32] = "the far jump: flat 32-bit segments",
    [REAL_STEP_PG_SET] = "CR0.PG = 1: translated again, EIP still below 1 MB",
    [REAL_STEP_BACK] = "in the kernel, as before",
};

static bool print_changed(const char *name, uint32_t old, uint32_t new, int digits) {
    if (old == new) return false;
    printk(" %s=%0*x->%0*x", name, digits, old, digits, new);
    return true;
}

/* Such a line may turn out to be empty. */
static void end_of_line(bool any) {
    printk(any ? "\n   " : "");
}

/* "  2  CR0.PG = 0 ..." and below it what is another than one step before. */
static void print_step(const struct boot_step *before, const struct boot_step *now) {
    printk("%2u  %s\n   ", now->id, texts[now->id]);
    bool any = print_changed("cr0", before->cr0, now->cr0, 8);
    any |= print_changed("cr3", before->cr3, now->cr3, 8);
    any |= print_changed("cr4", before->cr4, now->cr4, 8);
    end_of_line(any);
    any = print_changed("gdtr", before->gdtr_base, now->gdtr_base, 8);
    any |= print_changed("idtr", before->idtr_base, now->idtr_base, 8);
    end_of_line(any);
    print_changed("cs", before->cs, now->cs, 4);
    print_changed("ss", before->ss, now->ss, 4);
    printk(" eip=%08x esp=%08x\n", now->eip, now->esp);
}

/* What a clock without ticks says: microseconds. */
static uint32_t microseconds(void) {
    return (uint32_t)(clock_monotonic() / 1000);
}

/* The timer at 1 kHz, so that nearly each call loses ticks, if any are lost. */
static void call_often(uint32_t times) {
    uint32_t made_up = bios_ticks_made_up, failed = 0;

    pit_set_rate(TICKS_PER_SECOND);
    uint32_t ticks = jiffies, began = microseconds();
    for (uint32_t i = 0; i < times; i++) failed += !bios_disk_read_first();
    ticks = jiffies - ticks;
    uint32_t took = microseconds() - began;
    pit_set_rate(HZ);
    printk(
        "%u reads of the first sector, %u failed, in %u us by the TSC; %u ticks of 1 ms, of which %u\n"
        "were made up for\n",
        times, failed, took, ticks, bios_ticks_made_up - made_up);
}

void lesson_realmode(uint32_t times) {
    struct bios_regs regs = {.eax = 0};
    const struct boot_step *steps = bios_area()->steps;

    if (!bios_can_call()) {
        printk("no memory for the page tables that this takes\n");
        return;
    }
    if (times) {
        call_often(times);
        return;
    }
    bios_call(INT_MEMORY_SIZE, &regs);
    for (unsigned i = 0; i < REAL_STEPS; i++) print_step(&steps[i ? i - 1 : 0], &steps[i]);
    printk("from 0 to 10: %llu ticks of the TSC, of which the BIOS had %llu\n",
           steps[REAL_STEP_BACK].tsc - steps[REAL_STEP_KERNEL].tsc,
           steps[REAL_STEP_BIOS].tsc - steps[REAL_STEP_REAL].tsc);
    printk("INT 12h says AX = %u KB of memory below 640 KB; the BIOS data area at 40:13 says %u\n",
           regs.ax, *(const uint16_t *)phys_to_virt(phys_addr(BDA_MEMORY_SIZE)));
}
