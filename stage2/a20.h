/*
 * a20.h: address line 20.
 */
#ifndef STAGE2_A20_H
#define STAGE2_A20_H

#include <ascent/errors.h>
#include <stdbool.h>

/*
 * Makes addresses above 1 MB reachable: without A20, FFFF:0010 is 0000:0000 again. Tests first,
 * and after each method. Notes the method in boot_info. Returns BOOT_OK or E_A20.
 */
enum boot_error a20_enable(void);

/* Is the dword at 0000:0500 another one than that at FFFF:0510, which is 1 MB higher? */
bool a20_works(void);

/*
 * Is A20 still on? Else switches it on again, and notes that. Cheap where it is on: real mode asks
 * on each way into protected mode. Returns BOOT_OK or E_A20.
 */
enum boot_error a20_keep(void);

/* Holds A20 at 0 again, where the machine still can: for a lesson (step_stop.c). */
void a20_disable(void);

#endif
