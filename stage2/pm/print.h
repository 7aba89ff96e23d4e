/*
 * print.h: text without the BIOS: the screen is memory at B8000, and boot_info has the cursor. COM1 and
 * port E9 get it too.
 */
#ifndef PM_PRINT_H
#define PM_PRINT_H

#include <stdint.h>

void pm_put(char c);
void pm_put_text(const char *text);

/* At least `width` digits of it. */
void pm_put_number(uint32_t value, uint32_t base, int width);

/*
 * Text from the disk, what is not printable ASCII as \xNN: a control character could erase an error, or
 * forge a line for those who read COM1.
 */
void pm_put_outside(const char *text);

#endif
