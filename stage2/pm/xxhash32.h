/*
 * xxhash32.h: the hash of LZ4's frames (xxHash specification 0.1.1, XXH32), with seed 0.
 */
#ifndef STAGE2_XXHASH32_H
#define STAGE2_XXHASH32_H

#include <stdint.h>

/* Of `bytes` at `data`. */
uint32_t xxhash32(const void *data, uint32_t bytes);

#endif
