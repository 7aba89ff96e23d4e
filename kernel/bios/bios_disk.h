/*
 * bios_disk.h: the disk that the machine booted from, by INT 13h: whatever it hangs on.
 */
#ifndef BIOS_BIOS_DISK_H
#define BIOS_BIOS_DISK_H

#include <block/block.h>

/* `disk=bios` on the command line: no other driver is to touch a disk. */
bool bios_disk_wanted(void);

/* Asks the BIOS how large the boot drive is, and reads its first sector: before other drivers have their
 * disks, which the BIOS and they cannot have both. Two calls. */
void bios_disk_look(void);

/* Reads the first sector again, into the buffer. For the lesson: it is one call, whatever the disk. */
bool bios_disk_read_first(void);

/*
 * After other drivers have added theirs: which disk did we come from? One of those, if it has the first
 * sector, and the size, that bios_disk_look() has found, and is not another for sure (dev/ata_trace.c);
 * else the BIOS's drive is added, as "bios80" (by its number). A null pointer where the BIOS cannot be
 * called or does not know the drive.
 */
struct block_device *bios_disk_boot(void);

#endif
