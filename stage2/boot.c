/*
 * boot.c: boot_info and all it points to, kept together at BOOT_INFO_ADDR by linker/stage2.ld.
 */
#include "boot.h"

#include <ascent/step_capture.h>

#include "error.h"

#define SECTION(name) __attribute__((section(name)))

SECTION(".bss.boot_info") struct boot_info boot_info; /* first, at BOOT_INFO_ADDR itself */
SECTION(".bss.boot_data") struct memory_range memory_map[MEMORY_MAP_MAX];
SECTION(".bss.boot_data") struct memory_range raw_memory_map[MEMORY_MAP_MAX];
SECTION(".bss.boot_data") struct boot_step boot_steps[BOOT_STEPS_MAX];
SECTION(".bss.boot_data") char boot_cmdline[CMDLINE_MAX];

uint32_t step_code_bits;
struct error_detail error_details[2];
