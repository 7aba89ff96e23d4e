/*
 * console.h: text on the screen (through the BIOS), COM1 and the debug port, always all three.
 */
#ifndef STAGE2_CONSOLE_H
#define STAGE2_CONSOLE_H

/* Sets an 80 by 25 text mode if the BIOS left another, and starts COM1. */
void console_init(void);

/* Notes the text mode and the cursor in boot_info, for the kernel to go on where we stop. */
void console_handover(void);

/* Goes on where others have stopped, who did not print through the BIOS: at the cursor in boot_info. */
void console_resume(void);

/*
 * Prints a format: %s string (what is not printable ASCII as \xNN), %c character, %u decimal, %x
 * hexadecimal, %0Nx with N digits (one digit N), %k bytes as KB; all numbers are 32-bit.
 */
void print(const char *format, ...);

#endif
