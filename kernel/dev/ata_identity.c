/*
 * ata_identity.c: reads the answer of IDENTIFY DEVICE. Words and bits: ATA8-ACS table 29.
 */
#include <dev/ata_identity.h>

#define NOT_ATA 0x8000       /* word 0 */
#define COMPACT_FLASH 0x848A /* word 0 of a CompactFlash card, which is a disk nevertheless */
#define MODEL 27             /* first of 20 words, the first character in the high byte */
#define MODEL_WORDS 20
#define MULTIPLE_MAX 16         /* 8 KB for one interrupt are plenty */
#define HAS_DMA 0x0100          /* word 49 */
#define HAS_LBA 0x0200          /* word 49 */
#define WORD_88_VALID 0x4       /* word 53 */
#define MULTIWORD_CHOSEN 0x0700 /* word 63: DMA mode 0 to 2 */
#define ULTRA_CHOSEN 0x7F00     /* word 88: Ultra DMA mode 0 to 6 */
#define HAS_LBA48 0x0400        /* word 83 */
#define HAS_FLUSH 0x1000        /* word 83 */
#define HAS_FLUSH_EXT 0x2000    /* word 83 */
#define LONG_SECTORS 0x1000     /* word 106: more than 512 bytes */

/* Some words hold something only if their two highest bits are 01. */
static uint16_t checked(uint16_t word) {
    return (word & 0xC000) == 0x4000 ? word : 0;
}

static void read_model(const uint16_t *words, char *model) {
    unsigned length = 0;

    for (unsigned i = 0; i < MODEL_WORDS * 2; i++) {
        char c = (char)(words[MODEL + i / 2] >> (i % 2 ? 0 : 8));
        model[i] = c < ' ' || c > '~' ? ' ' : c;
        if (model[i] != ' ') length = i + 1;
    }
    model[length] = 0;
}

static uint64_t sectors_of(const uint16_t *words, bool lba48) {
    uint64_t sectors = words[60] | (uint32_t)words[61] << 16, many = 0;

    for (unsigned i = 0; i < 4; i++) many |= (uint64_t)words[100 + i] << 16 * i;
    return lba48 && many > sectors ? many : sectors;
}

const char *ata_identity_read(const uint16_t *words, struct ata_identity *identity) {
    bool mode_chosen =
        words[63] & MULTIWORD_CHOSEN || (words[53] & WORD_88_VALID && words[88] & ULTRA_CHOSEN);
    uint16_t commands = checked(words[83]);

    if (words[0] & NOT_ATA && words[0] != COMPACT_FLASH) return "is no disk";
    if (!(words[49] & HAS_LBA)) return "has no LBA";
    if (checked(words[106]) & LONG_SECTORS) return "has sectors that are not of 512 bytes";
    identity->lba48 = commands & HAS_LBA48;
    identity->sectors = sectors_of(words, identity->lba48);
    if (identity->sectors == 0) return "has no sectors";
    uint8_t multiple = words[47] & 0xFF;
    identity->multiple = multiple < MULTIPLE_MAX ? multiple : MULTIPLE_MAX;
    identity->dma = words[49] & HAS_DMA && mode_chosen;
    identity->flush = commands & HAS_FLUSH;
    identity->flush_ext = commands & HAS_FLUSH_EXT && identity->lba48;
    read_model(words, identity->model);
    return 0;
}
