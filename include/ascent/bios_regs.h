/*
 * bios_regs.h: the registers of a BIOS call, for the loader, and for the kernel when it goes back to
 * real mode.
 */
#ifndef ASCENT_BIOS_REGS_H
#define ASCENT_BIOS_REGS_H

#include <stdint.h>

/* Registers for a BIOS call and as it left them, in the order of PUSHAD (SDM 2B). */
struct bios_regs {
    union { uint32_t edi; uint16_t di; };
    union { uint32_t esi; uint16_t si; };
    uint32_t ebp;
    uint32_t unused_esp;
    union { uint32_t ebx; uint16_t bx; struct { uint8_t bl, bh; }; };
    union { uint32_t edx; uint16_t dx; struct { uint8_t dl, dh; }; };
    union { uint32_t ecx; uint16_t cx; struct { uint8_t cl, ch; }; };
    union { uint32_t eax; uint16_t ax; struct { uint8_t al, ah; }; };
    uint16_t es;
    uint16_t ds;
    uint32_t eflags;
};

#define EFLAGS_CF 0x0001

#endif
