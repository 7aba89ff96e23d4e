/*
 * crc32.c: the CRC-32 of zip and gzip, eight bytes at a time.
 *
 * tables[k][b] is the effect of byte b with k more bytes to come, so that the effects of eight
 * bytes can be looked up at once and combined ("slicing by 8", M. Kounavis and F. Berry, 2005).
 */
#include "crc32.h"

#include "bytes.h"

#define POLYNOMIAL 0xEDB88320u

void crc32_init(crc32_tables tables) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
        tables[0][byte] = crc;
    }
    for (uint32_t byte = 0; byte < 256; byte++)
        for (int k = 1; k < 8; k++)
            tables[k][byte] = tables[k - 1][byte] >> 8 ^ tables[0][tables[k - 1][byte] & 0xFF];
}

uint32_t crc32(crc32_tables tables, uint32_t crc, const void *data, uint32_t bytes) {
    const uint8_t *at = data;

    crc = ~crc;
    for (; bytes >= 8; bytes -= 8, at += 8) {
        uint32_t low = load32(at) ^ crc, high = load32(at + 4);
        crc = tables[7][low & 0xFF] ^ tables[6][low >> 8 & 0xFF] ^ tables[5][low >> 16 & 0xFF] ^
              tables[4][low >> 24] ^ tables[3][high & 0xFF] ^ tables[2][high >> 8 & 0xFF] ^
              tables[1][high >> 16 & 0xFF] ^ tables[0][high >> 24];
    }
    while (bytes--) crc = crc >> 8 ^ tables[0][(crc ^ *at++) & 0xFF];
    return ~crc;
}
