/*
 * ata_trace.c: which IDE disk does the BIOS read? Two disks may hold the same, and then only its trace tells
 * which of them we came from. The registers of an address keep what is written to them until the next
 * command (ATA8-ACS §6): whoever finds there what he has left knows that nobody was here meanwhile, and
 * else the device register says which disk had the command.
 */
#include <ascent/io.h>
#include <dev/ata.h>

/* No address that the BIOS reads for us: it is beyond all the sectors that are asked for. */
static const uint8_t mark[] = {0xA5, 0x5A, 0xC3};

static bool has_mark(const struct ata_channel *channel) {
    for (unsigned i = 0; i < sizeof mark; i++)
        if (inb(channel->command + ATA_LBA_LOW + i) != mark[i]) return false;
    return true;
}

/* False: there is no such disk, or its registers do not keep what they get. */
static bool leave_mark(struct ata_channel *channel, uint8_t device) {
    if (!ata_select(channel, ATA_DEVICE_OBSOLETE | device, 1)) return false;
    for (unsigned i = 0; i < sizeof mark; i++) outb(channel->command + ATA_LBA_LOW + i, mark[i]);
    return has_mark(channel);
}

void ata_trace_begin(void) {
    for (unsigned i = 0; i < ATA_CHANNELS; i++) {
        struct ata_channel *channel = &ata_channels[i];
        channel->trace = ATA_TRACE_UNKNOWN;
        if (ata_is_floating(channel)) continue;
        if (leave_mark(channel, 0) || leave_mark(channel, ATA_DEVICE_SECOND))
            channel->trace = ATA_TRACE_NONE;
    }
}

void ata_trace_end(void) {
    for (unsigned i = 0; i < ATA_CHANNELS; i++) {
        struct ata_channel *channel = &ata_channels[i];
        if (channel->trace == ATA_TRACE_UNKNOWN || has_mark(channel)) continue;
        bool second = inb(channel->command + ATA_DEVICE) & ATA_DEVICE_SECOND;
        channel->trace = second ? ATA_TRACE_SECOND : ATA_TRACE_FIRST;
    }
}

bool ata_trace_is_elsewhere(const struct ata_disk *disk) {
    enum ata_trace trace = disk->channel->trace;

    return trace != ATA_TRACE_UNKNOWN && trace != (disk->second ? ATA_TRACE_SECOND : ATA_TRACE_FIRST);
}
