/*
 * ata.h: IDE disks: two channels with two disks each, at the ports that the first AT had.
 *
 *   ata_probe.c     which disks there are: hda to hdd; IDENTIFY DEVICE
 *   ata_identity.c  what a disk says of itself
 *   ata.c           a request: its turn on the channel, time-outs, further tries, resets
 *   ata_command.c   a command to the disk, and what happens at its interrupts
 *   ata_dma.c       the part of the chipset that moves the data by itself
 *   ata_trace.c     which disk the BIOS has read
 *
 * T13 ATA8-ACS (commands), ATA8-APT (protocols and registers), SFF-8038i ("Programming Interface for
 * Bus Master IDE Controller") for DMA. Command block, at 1F0h or 170h:
 *
 *   0 data   1 error/features   2 count   3 LBA low   4 LBA mid   5 LBA high   6 device   7 status/command
 *
 * and the control block, one port at 3F6h or 376h: the alternate status, or device control.
 */
#ifndef DEV_ATA_H
#define DEV_ATA_H

#include <block/block.h>
#include <block/wait.h>
#include <dev/ata_identity.h>
#include <mm/addr.h>
#include <proc/wait.h>

#define ATA_SECTORS_MAX 256u /* of a command: what the 8-bit count of LBA28 can say, as 0 */
#define ATA_PAGES_MAX (ATA_SECTORS_MAX / SECTORS_PER_PAGE)

/* Offsets in the command block. */
enum ata_register {
    ATA_DATA, ATA_ERROR, ATA_COUNT, ATA_LBA_LOW, ATA_LBA_MID, ATA_LBA_HIGH, ATA_DEVICE, ATA_STATUS,
    ATA_FEATURES = ATA_ERROR, ATA_COMMAND = ATA_STATUS,
};

/* ATA_STATUS (ACS §6). */
#define ATA_BSY 0x80 /* the other bits mean nothing */
#define ATA_DRDY 0x40
#define ATA_DF 0x20
#define ATA_DRQ 0x08 /* it wants, or has, data */
#define ATA_ERR 0x01
#define ATA_FLOATING 0xFF /* nobody drives the bus; 7Fh with the pull-down on bit 7 */

#define ATA_ERROR_ICRC 0x80 /* the data were damaged on the cable (Ultra DMA) */

/* ATA_DEVICE. */
#define ATA_DEVICE_SECOND 0x10   /* the "slave" */
#define ATA_DEVICE_LBA 0x40
#define ATA_DEVICE_OBSOLETE 0xA0 /* bits that old disks want to be set */

/* Device control (APT): reset both disks; no interrupts. */
#define ATA_SRST 0x04
#define ATA_NIEN 0x02

enum ata_kind { ATA_READ, ATA_WRITE, ATA_FLUSH };

enum ata_result {
    ATA_OK,
    ATA_REFUSED,    /* the disk says no */
    ATA_DMA_FAILED, /* the way of the data by DMA is broken */
    ATA_TIMED_OUT,  /* it says nothing */
};

/* Where the BIOS was between ata_trace_begin() and ata_trace_end(). */
enum ata_trace { ATA_TRACE_UNKNOWN, ATA_TRACE_NONE, ATA_TRACE_FIRST, ATA_TRACE_SECOND };

/* On the stack of who waits for it. */
struct ata_request {
    struct ata_disk *disk;
    enum ata_kind kind;
    uint64_t sector;
    uint32_t sectors;
    struct page *const *pages;
    bool dma;
    uint32_t moved;    /* sectors, by PIO */
    uint32_t deadline; /* jiffies */
    bool done;
    enum ata_result result;
};

/* What handlers touch as well is changed with interrupts off. */
struct ata_channel {
    uint16_t command, control; /* ports: command block, control block */
    uint16_t bus_master;       /* 0: no DMA */
    uint8_t irq;
    bool needs_reset;            /* a request timed out, or its DMA failed */
    enum ata_trace trace;
    struct ata_request *request; /* what a disk works on */
    struct wait_queue waiting;   /* for it to be done, or for the channel */
    struct ata_disk *disks[2];   /* or null pointers */
    struct ata_prd *prds;        /* ATA_PAGES_MAX of them */
    struct page *bounce;         /* ATA_PAGES_MAX frames below 4 GB; a null pointer: none are above */
};

struct ata_disk {
    struct block_device device;
    struct ata_channel *channel;
    struct ata_identity identity;
    bool second; /* of its channel: the "slave" */
    bool dma;
};

/* ---- ata.c ---- */

extern const struct block_driver ata_driver;

/* ---- ata_probe.c ---- */

#define ATA_CHANNELS 2u
extern struct ata_channel ata_channels[ATA_CHANNELS];

/* Is there no controller at all? */
bool ata_is_floating(const struct ata_channel *channel);

/* Finds all disks and adds them (block_add()). `ata=off` on the command line: none; `ata=pio`: no
 * DMA. */
void ata_init(void);

/* ---- ata_trace.c ---- */

/* Before the BIOS reads a disk, and after that; before ata_init(). */
void ata_trace_begin(void);
void ata_trace_end(void);

/* Has the BIOS read another disk for sure? */
bool ata_trace_is_elsewhere(const struct ata_disk *disk);

/* ---- ata_command.c ---- */

/* Gives the request to its disk; the channel is free. It is done at once if the disk is not ready. */
void ata_start(struct ata_request *request);

/* Looks how far the request of the channel is; moves data, ends it. To be called with interrupts off,
 * at any time. */
void ata_progress(struct ata_channel *channel);

/* Ends the request of the channel, with interrupts off. */
void ata_finish(struct ata_channel *channel, enum ata_result result);

/* A command that has neither data nor an address, by polling; false: refused, or not in `ms`. Not
 * while there is a request. */
bool ata_simple_command(struct ata_channel *channel, bool second, uint8_t command, uint8_t count,
                        uint32_t ms);

/* Selects a disk of the channel, and waits until its status is without BSY and DRQ; false: not in
 * `ms`. */
bool ata_select(struct ata_channel *channel, uint8_t device, uint32_t ms);

/* Waits until `bits` of the status are all clear; false: not in `ms`. Interrupts may be on or off: to 1
 * ms it does not let them in. */
bool ata_wait_clear(struct ata_channel *channel, uint8_t bits, uint32_t ms);

/* Both disks to their state after power-on, with the settings that we want. False: one of them stays
 * busy. */
bool ata_reset(struct ata_channel *channel);

/* Tells a disk how many sectors a READ MULTIPLE moves for one interrupt. */
void ata_set_multiple(struct ata_disk *disk);

/* ---- ata_dma.c ---- */

/* Finds the bus master of both channels, if the chipset has one. */
void ata_dma_find(struct ata_channel *channels);

/* Makes the channel ready for DMA to any frame. False: it has none, or there is no memory. */
bool ata_dma_prepare(struct ata_channel *channel);

/* Before, and after, the command is given to the disk. */
void ata_dma_load(const struct ata_request *request);
void ata_dma_go(const struct ata_request *request);

/* Has the disk interrupted, or the bus master given up? */
bool ata_dma_is_over(const struct ata_channel *channel);

/* Stops it, and brings what was read to where it belongs. False: the bus master tells of an error. */
bool ata_dma_end(const struct ata_request *request);

#endif
