/*
 * int13.h: disks by the BIOS (INT 13h), for the loader and the kernel. EDD-3.0 is the specification.
 */
#ifndef ASCENT_INT13_H
#define ASCENT_INT13_H

#include <stdint.h>

#define CHS_MAX_CYLINDER 1023 /* ten bits of CX */

/* What AH=42h and 43h move (§8.2). `sectors` comes back as those that were moved. */
struct disk_address_packet {
    uint8_t size; /* of this: 16 */
    uint8_t reserved;
    uint16_t sectors;
    uint16_t offset, segment; /* of the buffer */
    uint64_t lba;
} __attribute__((packed));

#endif
