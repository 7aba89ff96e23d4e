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

/*
 * What AH=48h answers (§8.8): the first 26 bytes in every version. `bytes` tells the BIOS how much there
 * is room for, and comes back as how much it has written; `path_key` says whether the rest is there.
 */
struct drive_parameters {
    uint16_t bytes;
    uint16_t flags;
    uint32_t cylinders, heads, track_sectors;
    uint64_t sectors;
    uint16_t sector_bytes;
    uint32_t dpte; /* of the drive's own parameters: segment and offset */
    uint16_t path_key;
    uint8_t path_bytes, reserved[3];
    uint32_t bus;          /* four characters, as "PCI " */
    uint32_t interface[2]; /* eight, as "ATA     " */
    uint8_t interface_path[8], device_path[8];
    uint8_t reserved_too, sum; /* of the bytes from path_key on: 0 */
} __attribute__((packed));
_Static_assert(sizeof(struct drive_parameters) == 66, "EDD-3.0 §8.8");
#define EDD_PARAMETERS_BYTES 26
#define EDD_PATH_KEY 0xBEDD

#endif
