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

/*
 * The same to a bounce buffer, at BOUNCE_ADDR + number * BOUNCE_SIZE, at most BOUNCE_SECTORS of
 * them. Conventional memory holds disk_bounce_buffers() of these, from 1 to BOUNCE_BUFFERS_MAX.
 */
#define BOUNCE_SECTORS 127
#define BOUNCE_BUFFERS_MAX 8
uint32_t disk_bounce_buffers(void);
enum boot_error disk_read_bounce(uint32_t lba, uint32_t sectors, uint32_t number);

#endif
