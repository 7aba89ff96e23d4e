/*
 * cmos.h: the memory of the clock chip (MC146818): the time of day and 114 bytes of the BIOS's. Bit
 * 7 of the index keeps NMIs away from the processor.
 */
#ifndef DEV_CMOS_H
#define DEV_CMOS_H

#include <cpu/control.h>

#define CMOS_INDEX 0x70
#define CMOS_DATA 0x71
#define CMOS_NMI_OFF 0x80 /* in the index */

/* Reads a byte. NMIs are let through from then on. The chip wants a read after each write to its
 * index. */
static inline uint8_t cmos_read(uint8_t index) {
    outb(CMOS_INDEX, index);
    return inb(CMOS_DATA);
}

#endif
