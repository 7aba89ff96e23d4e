/*
 * main.c: the BIOS call itself. Real mode, all segments 0; entered with interrupts off, and left as
 * the BIOS call leaves it: on. What the BIOS may have broken is put right by the loader's own
 * bios_int().
 */
#include <ascent/real_call.h>

#include "a20.h"
#include "bios.h"
#include "boot.h"

struct real_call call __attribute__((section(".call"))); /* first, at REAL_DATA_ADDR itself */
struct boot_info boot_info;                              /* a20.c notes there what it had to do */
uint32_t step_code_bits;

void real_main(void);

/* The kernel and its tables lie above 1 MB: without A20 there is no way back to them. */
void real_main(void) {
    __asm__ volatile("sti");
    bios_int((uint8_t)call.vector, &call.regs);
    boot_info.workarounds = 0;
    while (a20_keep()) {}
    call.workarounds |= boot_info.workarounds;
}
