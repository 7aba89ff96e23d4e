/*
 * image.c: stage 2 checks itself against the header that the image build filled in.
 */
#include "image.h"

#include <ascent/layout.h>
#include <stdint.h>

#include "pm.h"

struct stage2_header {
    uint32_t magic;
    uint16_t version;
    uint16_t sectors;
    uint32_t crc;   /* CRC-32 of what follows the header */
    uint32_t bytes; /* length of what follows */
};
_Static_assert(sizeof(struct stage2_header) == STAGE2_HEADER_SIZE, "header size");

enum boot_error image_check(void) {
    const struct stage2_header *header = (const struct stage2_header *)STAGE2_ADDR;
    struct crc_request request = {STAGE2_ADDR + STAGE2_HEADER_SIZE, header->bytes, 0};

    if (header->bytes > STAGE2_MAX_SECTORS * SECTOR_SIZE - STAGE2_HEADER_SIZE) return E_STAGE2_CRC;
    pm_call(pm_crc32, &request);
    return request.crc == header->crc ? BOOT_OK : E_STAGE2_CRC;
}
