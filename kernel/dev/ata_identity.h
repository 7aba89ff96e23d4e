/*
 * ata_identity.h: what a disk says of itself: the 256 words of IDENTIFY DEVICE (ATA8-ACS §7.16).
 */
#ifndef DEV_ATA_IDENTITY_H
#define DEV_ATA_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#define ATA_IDENTITY_WORDS 256
#define ATA_MODEL_MAX 41 /* with a NUL */

struct ata_identity {
    uint64_t sectors;
    bool lba48;       /* has the EXT commands, with 48 bits of LBA */
    uint8_t multiple; /* sectors that it moves for one interrupt; 0: it has no READ MULTIPLE */
    bool dma;         /* and a mode of it is chosen, by the BIOS or by itself */
    bool flush, flush_ext;
    char model[ATA_MODEL_MAX];
};

/* A null pointer: that disk can be used. Else why not, for people. */
const char *ata_identity_read(const uint16_t *words, struct ata_identity *identity);

#endif
