/*
 * step_stop.c: stops at the steps that 16-bit code makes, mbr to pe-set. The screen is drawn by
 * 32-bit code (pm/step_screen.c); keys are waited for here, in the very mode that the step left.
 */
#include <ascent/step_stop.h>

#include <ascent/step_capture.h>

#include "a20.h"
#include "boot.h"
#include "error.h"
#include "image.h"
#include "io.h"
#include "keys.h"
#include "pm.h"
#include "step.h"

#define CR0_PE 1u
#define ALL_BUT_TIMER 0xFE
#define ACCESS_PRESENT 0x80

extern uint8_t gdt[]; /* gdt.asm */

/* The BIOS has the keyboard until irq-off; and keeps it for a kernel that starts in real mode. */
static char step_key(enum step_id id) {
    return id < STEP_IRQ_OFF || id == STEP_LINUX_REAL ? key_next() : step_polled_key();
}

void step_mode_init(bool wanted) {
    boot_info.step_mode = wanted ? boot_info.step_mode | STEP_MODE_ON : 0;
}

static void set_cr0(uint32_t cr0) {
    __asm__ volatile("movl %0, %%cr0" : : "r"(cr0) : "memory");
}

/*
 * pm_switch() starts and ends in real mode. At pe-set, PE goes off for it and on again: the caches of
 * the segment registers are those of real mode before and after, and GDTR comes back as it was.
 * FS stays at the screen: the first 32-bit code can write there by its cache (pm/step_screen.c).
 */
static void step_show(enum step_view view, const struct boot_step *before,
                      const struct boot_step *now) {
    struct step_request request = {view, before, now};
    uint32_t cr0 = READ_REGISTER("cr0");

    if (cr0 & CR0_PE) set_cr0(cr0 & ~CR0_PE);
    pm_switch(pm_step_show, &request);
    set_fs(VGA_SEGMENT);
    if (cr0 & CR0_PE) set_cr0(cr0);
}

/* Most of it only does the damage: what comes of it is for the code that follows to find out. */
static void step_break(enum step_id id) {
    static const struct table_register empty_gdt;

    switch (id) {
    case STEP_STAGE2:
        *(volatile uint8_t *)step_text(STEP_MBR)->happened ^= 1;
        if (image_check()) boot_fail(E_STAGE2_CRC, 0);
        break;
    case STEP_A20:
        a20_disable();
        if (!a20_works()) boot_fail(E_A20, 0);
        break;
    case STEP_MEMORY_MAP: boot_info.map_count = 0; break;
    case STEP_KERNEL_LOADED: boot_info.kernel_entry = PAGE_OFFSET + 0x8000000; break;
    case STEP_IRQ_OFF:
        outb(PIC1_MASK_PORT, ALL_BUT_TIMER);
        __asm__ volatile("sti");
        break;
    case STEP_GDT_LOAD: __asm__ volatile("lgdtl %0" : : "m"(empty_gdt)); break;
    case STEP_PE_SET: gdt[LOADER_CS + 5] &= (uint8_t)~ACCESS_PRESENT; break;
    default: break;
    }
}

void step_stop(const struct boot_step *before, const struct boot_step *now) {
    step_stop_at(before, now);
}
