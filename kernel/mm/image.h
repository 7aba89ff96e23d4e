/*
 * image.h: where the parts of the kernel image lie (linker/kernel.ld). Only the addresses of
 * these symbols mean something; all are page aligned and virtual.
 */
#ifndef MM_IMAGE_H
#define MM_IMAGE_H

extern const char __text_start[], __text_end[];
extern const char __rodata_start[], __rodata_end[];
extern const char __data_start[], __data_end[];
extern const char __bss_start[], __bss_end[];
extern const char __kernel_end[];

#endif
