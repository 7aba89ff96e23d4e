/*
 * crc32.c: see crc32.h. Hardware-free.
 */
#include <lib/crc32.h>

#define POLYNOMIAL 0xEDB88320u /* its bits reversed */

uint32_t crc32_of(const void *data, size_t bytes) {
    return crc32_more(0, data, bytes);
}

uint32_t crc32_more(uint32_t crc, const void *data, size_t bytes) {
    const uint8_t *at = data;

    crc = ~crc;
    while (bytes--) {
        crc ^= *at++;
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
    }
    return ~crc;
}
