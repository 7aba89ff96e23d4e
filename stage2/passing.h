/*
 * passing.h: a file passes by, front to back, once: what is wanted of it goes where it belongs.
 * What was judged before (headers, notes) is compared when it passes, so that the checksum covers
 * what was judged and what lies in memory alike. Real mode, with A20 on.
 */
#ifndef STAGE2_PASSING_H
#define STAGE2_PASSING_H

#include <ascent/errors.h>
#include <stdbool.h>
#include <stdint.h>

#include "fat.h"
#include "pm.h"

/* Nothing is wanted of the next file so far. */
void pass_start(void);

/* Of the file, `bytes` at `offset`: to be copied to `phys`, or compared with what is there. */
void pass_want(enum extent_action action, uint32_t offset, uint32_t bytes, uint32_t phys);

/* Files come from physical memory at `phys` from now on, in place of the disk; 0: from the disk. */
void pass_from(uint32_t phys);

/* Reads `bytes` of the file at `offset` into `buffer` (below 64 KB). Returns as fat_read(). */
enum boot_error pass_read(struct fat_file *file, uint32_t offset, void *buffer, uint32_t bytes);

/* The same for what will be judged, and is compared later: `buffer` stays as it is until all of the
 * file has passed by. */
enum boot_error pass_read_judged(struct fat_file *file, uint32_t offset, void *buffer,
                                 uint32_t bytes);

/*
 * Lets the file pass by up to byte `end`. With `want_crc`, the CRC-32 of a file on the disk goes to
 * `*crc`. Returns BOOT_OK, an error of fat.h or disk.h, or E_DISK_UNSTABLE if what passes is not
 * what was judged.
 */
enum boot_error pass_by(struct fat_file *file, uint32_t end, bool want_crc, uint32_t *crc);

/* Fills `bytes` of physical memory at `phys` with zeros. */
void pass_zero(uint32_t phys, uint32_t bytes);

#endif
