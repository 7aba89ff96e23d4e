/*
 * interrupts_back.c: what handover.asm has switched off outside the processor at irq-off is as the BIOS
 * had it again. Protected mode; IF stays 0. Contract in multiboot.h.
 */
#include <ascent/layout.h>

#include "boot.h"
#include "io.h"
#include "multiboot.h"

#define CMOS_INDEX 0x70 /* bit 7 holds the NMI off */
#define CMOS_DATA 0x71
#define CMOS_STATUS_D 0x0D /* reading it changes nothing */

void multiboot_interrupts_back(void) {
    outb(PIC1_MASK_PORT, (uint8_t)boot_info.pic_masks);
    outb(PIC2_MASK_PORT, (uint8_t)(boot_info.pic_masks >> 8));
    outb(CMOS_INDEX, CMOS_STATUS_D);
    (void)inb(CMOS_DATA); /* the index is only taken with a data access after it */
}
