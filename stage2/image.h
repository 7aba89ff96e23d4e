/*
 * image.h: is stage 2 itself what was written to the disk?
 */
#ifndef STAGE2_IMAGE_H
#define STAGE2_IMAGE_H

#include <ascent/errors.h>
#include <stdint.h>

/* 1 if stage 2 was read again, because its checksum was wrong the first time. */
extern const uint8_t stage2_was_reread;

/* How often the first sector tries EDD's packet calls: 0 if the BIOS has none, or if what they brought
 * of stage 2 was wrong each time. */
extern const uint8_t stage2_edd_tries;

/*
 * Compares the CRC-32 of all sectors of stage 2 but the first with the one in its header. Real mode;
 * first.asm runs it before anything else of stage 2. Writes a table to CRC_TABLES_ADDR.
 * Returns BOOT_OK or E_STAGE2_CRC.
 */
enum boot_error image_check(void);

#endif
