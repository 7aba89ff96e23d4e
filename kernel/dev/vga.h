/*
 * vga.h: the text screen, 80 by 25 characters at physical B8000.
 */
#ifndef DEV_VGA_H
#define DEV_VGA_H

/* Goes on at the cursor that boot_info gives. */
void vga_init(void);

/* Prints one character and moves the cursor; scrolls at the end. */
void vga_putc(char c);

#endif
