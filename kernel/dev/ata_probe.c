/*
 * ata_probe.c: which IDE disks there are. Most machines have none, and must not wait for them: a
 * channel without a controller reads FFh, a disk that is not there has no DRDY, and a drive for
 * CDs refuses IDENTIFY DEVICE.
 */
#include <ascent/io.h>
#include <boot/boot.h>
#include <cpu/trap.h>
#include <dev/ata.h>
#include <dev/pic.h>
#include <fs/vfs.h>
#include <lib/printk.h>
#include <lib/string.h>

#define IDENTIFY_DEVICE 0xEC
#define IDENTIFY_MS 1000
#define SELECT_MS 20
#define IRQ_FIRST_CHANNEL 14
#define IRQ_SECOND_CHANNEL 15
#define MINORS_PER_DISK 64

struct ata_channel ata_channels[ATA_CHANNELS] = {
    {.command = 0x1F0, .control = 0x3F6, .irq = IRQ_FIRST_CHANNEL},
    {.command = 0x170, .control = 0x376, .irq = IRQ_SECOND_CHANNEL},
};
static struct ata_disk disks[2][2];

/* As Linux numbers them. */
static const uint32_t majors[] = {3, 22};

bool ata_is_floating(const struct ata_channel *channel) {
    return (inb(channel->command + ATA_STATUS) | ATA_BSY) == ATA_FLOATING;
}

/* A disk that the BIOS has started is ready when it is selected. */
static bool answers(struct ata_channel *channel, bool second) {
    outb(channel->control, ATA_NIEN);
    uint8_t device = ATA_DEVICE_OBSOLETE | (second ? ATA_DEVICE_SECOND : 0);
    if (!ata_select(channel, device, SELECT_MS)) return false;
    return inb(channel->command + ATA_STATUS) & ATA_DRDY;
}

/* False: there is no disk that we can use. */
static bool identify(struct ata_disk *disk) {
    struct ata_channel *channel = disk->channel;
    uint16_t words[ATA_IDENTITY_WORDS];

    if (!answers(channel, disk->second)) return false;
    if (!ata_simple_command(channel, disk->second, IDENTIFY_DEVICE, 0, IDENTIFY_MS)) return false;
    if (!(inb(channel->command + ATA_STATUS) & ATA_DRQ)) return false;
    in_words(channel->command + ATA_DATA, words, ATA_IDENTITY_WORDS);
    const char *wrong = ata_identity_read(words, &disk->identity);
    if (wrong) pr_warn("%s %s: not used\n", disk->device.name, wrong);
    return !wrong;
}

static void interrupt(struct pt_regs *regs) {
    ata_progress(&ata_channels[regs->vector == PIC_VECTOR + IRQ_SECOND_CHANNEL]);
}

static void name_disk(struct ata_disk *disk, unsigned channel, unsigned second) {
    snprintf(disk->device.name, sizeof disk->device.name, "hd%c",
             (char)('a' + channel * 2 + second));
    disk->device.number = makedev(majors[channel], second * MINORS_PER_DISK);
    disk->device.driver = &ata_driver;
    disk->device.private = disk;
    disk->channel = &ata_channels[channel];
    disk->second = second;
}

/* Fills in channel->disks. */
static void probe(unsigned channel) {
    if (ata_is_floating(&ata_channels[channel])) return;
    for (unsigned second = 0; second < 2; second++) {
        struct ata_disk *disk = &disks[channel][second];
        name_disk(disk, channel, second);
        if (!identify(disk)) continue;
        ata_set_multiple(disk);
        ata_channels[channel].disks[second] = disk;
    }
}

static void start(struct ata_channel *channel, bool dma) {
    irq_set_handler(channel->irq, interrupt);
    pic_unmask(channel->irq);
    for (unsigned second = 0; second < 2; second++) {
        struct ata_disk *disk = channel->disks[second];
        if (!disk) continue;
        disk->dma = dma && disk->identity.dma && ata_dma_prepare(channel);
        disk->device.sectors = disk->identity.sectors;
        disk->device.not_boot = ata_trace_is_elsewhere(disk);
        block_add(&disk->device);
    }
}

static bool has_disk(const struct ata_channel *channel) {
    return channel->disks[0] || channel->disks[1];
}

void ata_init(void) {
    char option[8];
    bool wanted = cmdline_option("ata", option, sizeof option);

    if (wanted && strcmp(option, "off") == 0) return;
    for (unsigned i = 0; i < 2; i++) probe(i);
    if (!has_disk(&ata_channels[0]) && !has_disk(&ata_channels[1])) return;
    ata_dma_find(ata_channels);
    for (unsigned i = 0; i < 2; i++)
        if (has_disk(&ata_channels[i])) start(&ata_channels[i], !wanted || strcmp(option, "pio") != 0);
}
