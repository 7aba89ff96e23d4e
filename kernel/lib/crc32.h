/*
 * crc32.h: the CRC-32 of zip and gzip (ISO 3309, polynomial 04C11DB7h, bits reversed), for a page now and
 * then: bit by bit, without tables.
 */
#ifndef LIB_CRC32_H
#define LIB_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32_of(const void *data, size_t bytes);

/* The same of data that goes on behind other data, whose CRC-32 is `crc`; of nothing it is 0. */
uint32_t crc32_more(uint32_t crc, const void *data, size_t bytes);

#endif
