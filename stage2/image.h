/*
 * image.h: is stage 2 itself what was written to the disk?
 */
#ifndef STAGE2_IMAGE_H
#define STAGE2_IMAGE_H

#include <ascent/errors.h>

/*
 * Compares the CRC-32 of stage 2 in memory with the one in its header.
 * Returns BOOT_OK or E_STAGE2_CRC.
 */
enum boot_error image_check(void);

#endif
