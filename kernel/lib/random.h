/*
 * random.h: random numbers for programs and for the places of things: ChaCha20 (RFC 8439 §2.3), whose
 * key is replaced by its own output at each use, so that what was given out cannot be found again.
 */
#ifndef LIB_RANDOM_H
#define LIB_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* The key comes from the time stamps of the boot and the clock; with `seed=` on the command line from
 * that alone: then every boot has the same numbers. At the first use it starts by itself. */
void random_bytes(void *to, size_t bytes);
uint32_t random_number(void);

#endif
