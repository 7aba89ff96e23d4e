/*
 * real_call.h: what the kernel and its part that runs in real mode (kernel/bios/real) tell each other.
 * It lies at REAL_DATA_ADDR. NASM takes the offsets from here, too.
 */
#ifndef ASCENT_REAL_CALL_H
#define ASCENT_REAL_CALL_H

#define REAL_CR0 48 /* of the kernel, for the way back */
#define REAL_CR4 52
#define REAL_CR3 56 /* maps this part at its own addresses, and the kernel */
#define REAL_EFER 60
#define REAL_RETURN 64 /* where in the kernel to go on */
#define REAL_BIOS_CR0 68
#define REAL_BIOS_CR4 72
#define REAL_HAS_CR4 76
#define REAL_HAS_EFER 77
#define REAL_HAS_TSC 78

#ifndef __ASSEMBLER__

#include <ascent/bios_regs.h>
#include <ascent/boot_info.h>
#include <ascent/int13.h>
#include <stddef.h>

/* The way there and back, in order; the number is where in real_call.steps the state is. */
enum real_step {
    REAL_STEP_KERNEL,      /* as ever */
    REAL_STEP_IDENTITY,    /* paging on, and EIP is a physical address as well */
    REAL_STEP_PG_CLEAR,    /* CR0.PG = 0 */
    REAL_STEP_CS16,        /* CS and the others are 16-bit segments of 64 KB */
    REAL_STEP_PE_CLEAR,    /* CR0.PE = 0, CS still holds a selector */
    REAL_STEP_REAL,        /* real mode, IDTR at the BIOS's vectors */
    REAL_STEP_BIOS,        /* the BIOS has returned */
    REAL_STEP_PE_SET,      /* CR0.PE = 1 */
    REAL_STEP_CS32,        /* flat 32-bit segments */
    REAL_STEP_PG_SET,      /* CR0.PG = 1 */
    REAL_STEP_BACK,        /* in the kernel */
    REAL_STEPS,
};

struct real_call {
    struct bios_regs regs; /* for the BIOS, and as it left them */
    uint32_t vector;
    uint32_t workarounds; /* bits of enum workaround: A20_LOST */

    uint32_t cr0, cr4, cr3, efer, return_address, bios_cr0, bios_cr4;
    uint8_t has_cr4, has_efer, has_tsc;

    struct disk_address_packet packet; /* for who calls INT 13h: the BIOS can reach it here */
    struct boot_step steps[REAL_STEPS];
};
_Static_assert(offsetof(struct real_call, cr0) == REAL_CR0, "REAL_CR0 and what follows");
_Static_assert(offsetof(struct real_call, bios_cr4) == REAL_BIOS_CR4, "REAL_BIOS_CR4");
_Static_assert(offsetof(struct real_call, has_tsc) == REAL_HAS_TSC, "REAL_HAS_TSC");

#endif
#endif
