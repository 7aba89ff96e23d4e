/*
 * print.h: text without the BIOS: the screen is memory at B8000, and boot_info has the cursor. COM1 and
 * port E9 get it too.
 */
#ifndef PM_PRINT_H
#define PM_PRINT_H

#include <stdint.h>

void pm_put(char c);
void pm_put_text(const char *text);
void pm_put_hex(uint32_t value); /* eight digits */

#endif
