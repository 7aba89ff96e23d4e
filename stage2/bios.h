/*
 * bios.h: calling the BIOS from real-mode C.
 */
#ifndef STAGE2_BIOS_H
#define STAGE2_BIOS_H

#include <ascent/bios_regs.h>

/*
 * Calls interrupt `vector` with the registers in `regs` and CF = 1, and stores what it returns there.
 * Whatever the BIOS does to other registers, segments, flags and the upper half of ESP is put right
 * afterwards: interrupts are on when this returns.
 */
void bios_int(uint8_t vector, struct bios_regs *regs);

#endif
