/*
 * cpu.h: which processor is this?
 */
#ifndef STAGE2_CPU_H
#define STAGE2_CPU_H

#include <ascent/errors.h>

/*
 * Notes CPUID, CR4, TSC, PSE, PAE, NX and long mode in boot_info.cpu_flags.
 * Returns BOOT_OK, or E_CPU_TOO_OLD below a 486.
 */
enum boot_error cpu_check(void);

#endif
