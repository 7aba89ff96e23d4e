/*
 * ata_command.c: commands to a disk, and what happens at its interrupts (ATA8-APT: the protocols of
 * non-data, PIO and DMA commands).
 *
 *   ata_start()      select, address, command -> BSY
 *   ata_progress()   not BSY:  DRQ, PIO: the next block of sectors -> BSY
 *                              else: done, or ERR
 *
 * ata_progress() goes by what the status says, not by having been called: an interrupt that comes
 * too often, or is lost, does no harm.
 */
#include <ascent/io.h>
#include <dev/ata.h>
#include <dev/pit.h>
#include <lib/irq.h>
#include <mm/kmap.h>

/* Commands (ACS §7), as { read, write }. The EXT ones take 48 bits of LBA. */
static const uint8_t plain_command[] = {0x20, 0x30}, plain_ext[] = {0x24, 0x34};
static const uint8_t multiple_command[] = {0xC4, 0xC5}, multiple_ext[] = {0x29, 0x39};
static const uint8_t dma_command[] = {0xC8, 0xCA}, dma_ext[] = {0x25, 0x35};
#define FLUSH_CACHE 0xE7
#define FLUSH_CACHE_EXT 0xEA
#define SET_MULTIPLE_MODE 0xC6

#define DEVICE_BY_LBA (ATA_DEVICE_OBSOLETE | ATA_DEVICE_LBA)
#define LBA28_END (1u << 28)
#define WORDS_PER_SECTOR (SECTOR_BYTES / 2)

#define READY_MS 20
#define MULTIPLE_MS 1000
#define RESET_MS 5000 /* the standard allows 31 s, after power-on: the BIOS has waited for that */
#define RESET_US 5    /* that SRST stays set (APT: device control) */
#define RESET_PAUSE_US 2000 /* before the status is looked at */
#define SECONDS_TO_MOVE 5
#define SECONDS_TO_FLUSH 30

/* ---- the status ---- */

static uint8_t alternate_status(const struct ata_channel *channel) {
    return inb(channel->control); /* which does not end an interrupt */
}

/* A disk has 400 ns to set BSY, or to take note of a selection; each read takes 100 at least. */
static void pause_400ns(const struct ata_channel *channel) {
    for (int i = 0; i < 4; i++) (void)alternate_status(channel);
}

static void pause_us(unsigned us) {
    while (us--) io_delay();
}

struct clear_wait {
    struct ata_channel *channel;
    uint8_t bits;
    uint32_t deadline;
};

static bool is_clear_or_late(void *with) {
    struct clear_wait *wait = with;
    return !(alternate_status(wait->channel) & wait->bits) ||
           (int32_t)(jiffies - wait->deadline) >= 0;
}

/* First for a millisecond, in which a disk that is ready answers; then with HLT in between. */
bool ata_wait_clear(struct ata_channel *channel, uint8_t bits, uint32_t ms) {
    struct clear_wait wait = {channel, bits, jiffies + 1 + ms * HZ / 1000};

    for (unsigned us = 0; us < 1000; us++) {
        if (!(alternate_status(channel) & bits)) return true;
        io_delay();
    }
    if (ms > 1) block_wait_until(&channel->waiting, is_clear_or_late, &wait, BLOCK_HLT);
    return !(alternate_status(channel) & bits);
}

bool ata_select(struct ata_channel *channel, uint8_t device, uint32_t ms) {
    if (!ata_wait_clear(channel, ATA_BSY | ATA_DRQ, ms)) return false;
    outb(channel->command + ATA_DEVICE, device);
    pause_400ns(channel);
    return ata_wait_clear(channel, ATA_BSY | ATA_DRQ, ms);
}

/* ---- commands ---- */

static uint8_t select_bits(const struct ata_disk *disk) {
    return DEVICE_BY_LBA | (disk->second ? ATA_DEVICE_SECOND : 0);
}

static bool needs_ext(const struct ata_request *request) {
    return request->sector + request->sectors > LBA28_END;
}

/* Each register holds two bytes, the one written last above the other (ACS: 48-bit addressing). */
static void write_high_bytes(const struct ata_request *request) {
    uint16_t ports = request->disk->channel->command;

    outb(ports + ATA_COUNT, (uint8_t)(request->sectors >> 8));
    outb(ports + ATA_LBA_LOW, (uint8_t)(request->sector >> 24));
    outb(ports + ATA_LBA_MID, (uint8_t)(request->sector >> 32));
    outb(ports + ATA_LBA_HIGH, (uint8_t)(request->sector >> 40));
}

static void write_address(const struct ata_request *request) {
    uint16_t ports = request->disk->channel->command;
    uint8_t high = needs_ext(request) ? 0 : (uint8_t)(request->sector >> 24);

    if (needs_ext(request)) write_high_bytes(request);
    outb(ports + ATA_COUNT, (uint8_t)request->sectors);
    outb(ports + ATA_LBA_LOW, (uint8_t)request->sector);
    outb(ports + ATA_LBA_MID, (uint8_t)(request->sector >> 8));
    outb(ports + ATA_LBA_HIGH, (uint8_t)(request->sector >> 16));
    outb(ports + ATA_DEVICE, select_bits(request->disk) | high);
}

static uint8_t command_of(const struct ata_request *request) {
    unsigned way = request->kind == ATA_WRITE;

    if (request->kind == ATA_FLUSH)
        return request->disk->identity.flush_ext ? FLUSH_CACHE_EXT : FLUSH_CACHE;
    if (request->dma) return needs_ext(request) ? dma_ext[way] : dma_command[way];
    if (request->disk->identity.multiple)
        return needs_ext(request) ? multiple_ext[way] : multiple_command[way];
    return needs_ext(request) ? plain_ext[way] : plain_command[way];
}

void ata_start(struct ata_request *request) {
    struct ata_channel *channel = request->disk->channel;
    uint32_t seconds = request->kind == ATA_FLUSH ? SECONDS_TO_FLUSH : SECONDS_TO_MOVE;
    bool ready = ata_select(channel, select_bits(request->disk), READY_MS);
    uint32_t eflags = irq_save();

    channel->request = request;
    request->deadline = jiffies + 1 + seconds * HZ;
    if (!ready) {
        channel->needs_reset = true;
        ata_finish(channel, ATA_TIMED_OUT);
    } else {
        outb(channel->control, 0); /* with interrupts, however the BIOS left it */
        if (request->kind != ATA_FLUSH) write_address(request);
        if (request->dma) ata_dma_load(request);
        outb(channel->command + ATA_COMMAND, command_of(request));
        if (request->dma) ata_dma_go(request);
        pause_400ns(channel);
        /* What is to be written by PIO is asked for without an interrupt, the first time. */
        if (request->kind == ATA_WRITE && !request->dma && ata_wait_clear(channel, ATA_BSY, 1))
            ata_progress(channel);
    }
    irq_restore(eflags);
}

/* ---- progress ---- */

/* The sectors from request->moved on that lie in one frame, at most `most`. */
static uint32_t move_in_frame(struct ata_request *request, uint32_t most) {
    uint32_t in_page = request->moved % SECTORS_PER_PAGE, sectors = SECTORS_PER_PAGE - in_page;
    uint16_t port = request->disk->channel->command + ATA_DATA;

    if (sectors > most) sectors = most;
    uint8_t *frame = kmap_atomic(request->pages[request->moved / SECTORS_PER_PAGE]);
    if (request->kind == ATA_WRITE)
        out_words(port, frame + in_page * SECTOR_BYTES, sectors * WORDS_PER_SECTOR);
    else
        in_words(port, frame + in_page * SECTOR_BYTES, sectors * WORDS_PER_SECTOR);
    kunmap_atomic(frame);
    return sectors;
}

/* What the disk moves for one interrupt. */
static void move_block(struct ata_request *request) {
    uint32_t block = request->disk->identity.multiple ? request->disk->identity.multiple : 1;
    uint32_t end = request->moved + block;

    if (end > request->sectors) end = request->sectors;
    while (request->moved < end) request->moved += move_in_frame(request, end - request->moved);
    pause_400ns(request->disk->channel);
}

/* After the last block that is read comes no interrupt; after the last that is written, one. */
static void progress_pio(struct ata_channel *channel, uint8_t status) {
    struct ata_request *request = channel->request;

    if (status & ATA_DRQ && request->moved < request->sectors) {
        move_block(request);
        if (request->moved == request->sectors && request->kind == ATA_READ)
            ata_finish(channel, ATA_OK);
    } else if (!(status & ATA_DRQ) && request->moved == request->sectors) {
        ata_finish(channel, ATA_OK);
    }
}

static void progress_dma(struct ata_channel *channel, uint8_t status) {
    bool moved = ata_dma_end(channel->request);

    if (status & ATA_ERR && inb(channel->command + ATA_ERROR) & ATA_ERROR_ICRC) moved = false;
    channel->needs_reset |= !moved; /* the disk may still have data to move */
    ata_finish(channel, !moved                        ? ATA_DMA_FAILED
                        : status & (ATA_ERR | ATA_DF) ? ATA_REFUSED
                                                      : ATA_OK);
}

void ata_progress(struct ata_channel *channel) {
    struct ata_request *request = channel->request;
    uint8_t status = alternate_status(channel);

    if (request && status & ATA_BSY) return;
    if (request && request->dma && !ata_dma_is_over(channel)) return;
    status = inb(channel->command + ATA_STATUS); /* ends the interrupt */
    if (!request) return;
    if (request->dma)
        progress_dma(channel, status);
    else if (status & (ATA_ERR | ATA_DF))
        ata_finish(channel, ATA_REFUSED);
    else
        progress_pio(channel, status);
}

void ata_finish(struct ata_channel *channel, enum ata_result result) {
    channel->request->result = result;
    channel->request->done = true;
    channel->request = 0;
    wake_up(&channel->waiting);
}

/* ---- without a request: at the start, and after a reset ---- */

bool ata_simple_command(struct ata_channel *channel, bool second, uint8_t command, uint8_t count,
                        uint32_t ms) {
    outb(channel->control, ATA_NIEN);
    if (!ata_select(channel, DEVICE_BY_LBA | (second ? ATA_DEVICE_SECOND : 0), READY_MS)) return false;
    outb(channel->command + ATA_COUNT, count);
    outb(channel->command + ATA_COMMAND, command);
    pause_400ns(channel);
    if (!ata_wait_clear(channel, ATA_BSY, ms)) return false;
    return !(inb(channel->command + ATA_STATUS) & (ATA_ERR | ATA_DF));
}

void ata_set_multiple(struct ata_disk *disk) {
    uint8_t multiple = disk->identity.multiple;

    if (multiple &&
        !ata_simple_command(disk->channel, disk->second, SET_MULTIPLE_MODE, multiple, MULTIPLE_MS))
        disk->identity.multiple = 0;
}

bool ata_reset(struct ata_channel *channel) {
    outb(channel->control, ATA_SRST | ATA_NIEN);
    pause_us(RESET_US);
    outb(channel->control, ATA_NIEN);
    pause_us(RESET_PAUSE_US);
    if (!ata_wait_clear(channel, ATA_BSY, RESET_MS)) return false;
    for (unsigned i = 0; i < 2; i++)
        if (channel->disks[i]) ata_set_multiple(channel->disks[i]);
    return true;
}
