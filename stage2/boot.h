/*
 * boot.h: the state that the tasks of stage 2 share: what will be handed to the kernel.
 */
#ifndef STAGE2_BOOT_H
#define STAGE2_BOOT_H

#include <ascent/boot_info.h>

/* At BOOT_INFO_ADDR, each behind the other (boot.c). */
extern struct boot_info boot_info;
extern struct memory_range memory_map[MEMORY_MAP_MAX];
extern struct memory_range raw_memory_map[MEMORY_MAP_MAX];
extern struct boot_step boot_steps[BOOT_STEPS_MAX];
extern char boot_cmdline[CMDLINE_MAX];

/* The boot sector, where the BIOS put it (linker/stage2.ld). */
extern uint8_t stage1_sector[];

/* Notes that the machine needed this, for the loader's closing line and the kernel's report. */
static inline void workaround(enum workaround which) {
    boot_info.workarounds |= 1u << which;
}

#endif
