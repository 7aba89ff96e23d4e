/*
 * disk.h: reading sectors. Nothing here writes, ever.
 */
#ifndef STAGE2_DISK_H
#define STAGE2_DISK_H

#include <ascent/errors.h>
#include <stdint.h>

/* From now on `drive` (BIOS number, DL) is read: by EDD, if stage 2 was, or by cylinder/head/sector. */
void disk_init(uint8_t drive);

/*
 * Reads `sectors` from `lba` on to the bounce buffer at BOUNCE_ADDR, at most BOUNCE_SECTORS.
 * Returns BOOT_OK or E_DISK_READ, with LBA and BIOS status as details, after all retries. What the
 * bytes are is for a checksum to tell: megasas and pvscsi report success for reads that failed.
 */
#define BOUNCE_SECTORS 127 /* some BIOSes refuse more (Phoenix EDD) */
enum boot_error disk_read_bounce(uint32_t lba, uint32_t sectors);

/*
 * The same into `buffer`, which lies in the first 64 KB, for what decides where the loader goes on
 * and has no checksum: two readings must agree, and a few are tried. Overwrites the bounce buffer.
 * Returns BOOT_OK, E_DISK_READ, or E_DISK_UNSTABLE with the LBA as detail.
 */
enum boot_error disk_read_twice(uint32_t lba, uint32_t sectors, void *buffer);

/* From now on at most 16 sectors a call, or 1 if that was already so. */
void disk_use_smaller_transfers(void);

#endif
