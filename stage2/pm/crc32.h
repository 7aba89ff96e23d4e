/*
 * crc32.h: the CRC-32 of zip and gzip (ISO 3309, polynomial 04C11DB7h, bits reversed).
 */
#ifndef STAGE2_CRC32_H
#define STAGE2_CRC32_H

#include <stdint.h>

typedef uint32_t crc32_tables[8][256];

/* Fills in the tables. */
void crc32_init(crc32_tables tables);

/* The checksum of what `crc` stands for (0: nothing yet) followed by `bytes` at `data`. */
uint32_t crc32(crc32_tables tables, uint32_t crc, const void *data, uint32_t bytes);

#endif
