/*
 * xxhash32.c: four sums side by side, each of every fourth word, and then what is left over (xxHash
 * specification 0.1.1, "XXH32 algorithm description", whose steps these are).
 */
#include "xxhash32.h"

#include "bytes.h"

#define PRIME_1 0x9E3779B1u
#define PRIME_2 0x85EBCA77u
#define PRIME_3 0xC2B2AE3Du
#define PRIME_4 0x27D4EB2Fu
#define PRIME_5 0x165667B1u
#define STRIPE 16 /* bytes: a word for each of the four */

static uint32_t rotate(uint32_t value, int bits) {
    return value << bits | value >> (32 - bits);
}

static uint32_t round_of(uint32_t sum, uint32_t word) {
    return rotate(sum + word * PRIME_2, 13) * PRIME_1;
}

/* Steps 1 to 3, where there are stripes at all. */
static uint32_t sum_of_stripes(const uint8_t *at, uint32_t stripes) {
    uint32_t a = PRIME_1 + PRIME_2, b = PRIME_2, c = 0, d = 0 - PRIME_1;

    for (; stripes; stripes--, at += STRIPE) {
        a = round_of(a, load32(at));
        b = round_of(b, load32(at + 4));
        c = round_of(c, load32(at + 8));
        d = round_of(d, load32(at + 12));
    }
    return rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18);
}

/* Step 6: each bit of the input gets to each of the hash. */
static uint32_t mixed(uint32_t hash) {
    hash = (hash ^ hash >> 15) * PRIME_2;
    hash = (hash ^ hash >> 13) * PRIME_3;
    return hash ^ hash >> 16;
}

uint32_t xxhash32(const void *data, uint32_t bytes) {
    const uint8_t *at = data, *end = at + bytes;
    uint32_t hash = PRIME_5;

    if (bytes >= STRIPE) hash = sum_of_stripes(at, bytes / STRIPE);
    at += bytes / STRIPE * STRIPE;
    hash += bytes;
    for (; end - at >= 4; at += 4) hash = rotate(hash + load32(at) * PRIME_3, 17) * PRIME_4;
    for (; at < end; at++) hash = rotate(hash + *at * PRIME_5, 11) * PRIME_1;
    return mixed(hash);
}
