/*
 * disk.h: reading sectors. Nothing here writes, ever.
 */
#ifndef STAGE2_DISK_H
#define STAGE2_DISK_H

#include <ascent/errors.h>
#include <stdint.h>

/* Finds out how to read `drive` (BIOS number, DL): EDD or cylinder/head/sector. */
void disk_init(uint8_t drive);

/*
 * Reads `sectors` from `lba` on into `buffer`, which lies in the first 64 KB.
 * Returns BOOT_OK or E_DISK_READ, with LBA and BIOS status as details, after all retries.
 */
enum boot_error disk_read(uint32_t lba, uint32_t sectors, void *buffer);

/* The same to the bounce buffer at BOUNCE_ADDR, at most BOUNCE_SECTORS of them. */
#define BOUNCE_SECTORS 127
enum boot_error disk_read_bounce(uint32_t lba, uint32_t sectors);

#endif
