/*
 * ramdisk.h: a disk in memory, for tests.
 */
#ifndef BLOCK_RAMDISK_H
#define BLOCK_RAMDISK_H

/* `ramdisk=4096` on the command line: ram0, of so many KB of zeros. */
void ramdisk_init(void);

#endif
