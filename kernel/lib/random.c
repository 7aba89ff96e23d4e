/*
 * random.c: random numbers: ChaCha20 (RFC 8439 §2.3).
 */
#include <boot/boot.h>
#include <cpu/control.h>
#include <cpu/cpuid.h>
#include <dev/cmos.h>
#include <dev/pit.h>
#include <lib/random.h>
#include <lib/string.h>
#include <stdbool.h>

#define KEY_WORDS 8
#define BLOCK_WORDS 16
#define BLOCK_BYTES (BLOCK_WORDS * 4)
#define CMOS_TIME_BYTES 10 /* seconds, minutes, ..., year, and their alarms */

static uint32_t key[KEY_WORDS];
static bool started;

static uint32_t rotate(uint32_t value, unsigned bits) {
    return value << bits | value >> (32 - bits);
}

static void quarter_round(uint32_t *x, unsigned a, unsigned b, unsigned c, unsigned d) {
    x[a] += x[b], x[d] = rotate(x[d] ^ x[a], 16);
    x[c] += x[d], x[b] = rotate(x[b] ^ x[c], 12);
    x[a] += x[b], x[d] = rotate(x[d] ^ x[a], 8);
    x[c] += x[d], x[b] = rotate(x[b] ^ x[c], 7);
}

/* The block of this number under the present key. */
static void block(uint32_t number, uint32_t out[BLOCK_WORDS]) {
    uint32_t state[BLOCK_WORDS] = {0x61707865, 0x3320646E, 0x79622D32, 0x6B206574}; /* "expand 3.." */

    memcpy(state + 4, key, sizeof key);
    state[12] = number;
    memcpy(out, state, sizeof state);
    for (unsigned i = 0; i < 10; i++) {
        for (unsigned c = 0; c < 4; c++) quarter_round(out, c, c + 4, c + 8, c + 12);
        for (unsigned c = 0; c < 4; c++)
            quarter_round(out, c, 4 + (c + 1) % 4, 8 + (c + 2) % 4, 12 + (c + 3) % 4);
    }
    for (unsigned i = 0; i < BLOCK_WORDS; i++) out[i] += state[i];
}

/* Each byte changes all of the key that comes. */
static void mix(const void *bytes, size_t count) {
    uint32_t out[BLOCK_WORDS];

    for (const uint8_t *at = bytes; count--; at++) {
        key[0] ^= *at;
        block(0, out);
        memcpy(key, out, sizeof key);
    }
}

static void start(void) {
    char seed[32];

    started = true;
    if (cmdline_option("seed", seed, sizeof seed)) {
        mix(seed, strlen(seed));
        return;
    }
    mix(boot_steps, boot_steps_count * sizeof boot_steps[0]);
    for (uint8_t i = 0; i < CMOS_TIME_BYTES; i++) {
        uint8_t byte = cmos_read(i);
        mix(&byte, 1);
    }
    uint64_t now = cpu.tsc ? rdtsc() : jiffies;
    mix(&now, sizeof now);
}

void random_bytes(void *to, size_t bytes) {
    uint32_t out[BLOCK_WORDS];
    uint8_t *at = to;

    if (!started) start();
    for (uint32_t number = 1; bytes; number++) {
        size_t part = bytes < BLOCK_BYTES ? bytes : BLOCK_BYTES;
        block(number, out);
        memcpy(at, out, part);
        at += part;
        bytes -= part;
    }
    block(0, out);
    memcpy(key, out, sizeof key);
}

uint32_t random_number(void) {
    uint32_t number;
    random_bytes(&number, sizeof number);
    return number;
}
