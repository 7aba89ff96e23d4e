/*
 * disk.c: reading sectors with INT 13h, on drives and BIOSes that do not always want to.
 *
 * Real mode. EDD (AH=42h, EDD-3.0 §8.2) if the BIOS has it and stage 2 could be read with it,
 * else CHS (AH=02h). A read that fails is tried again after a reset, then in pieces of half the
 * length, down to one sector; then CHS is tried on a drive that claimed EDD. Only then it is an
 * error.
 */
#include "disk.h"

#include <ascent/int13.h>
#include <ascent/layout.h>
#include <stdbool.h>

#include "bios.h"
#include "boot.h"
#include "error.h"
#include "image.h"
#include "pm.h"

#define TRIES 3
#define BPB_TRACK_SECTORS 24 /* FAT specification: BPB_SecPerTrk, BPB_NumHeads */
#define BPB_HEADS 26

static uint8_t last_status; /* AH of the last failed call (EDD-3.0 §7) */
static uint32_t longest;    /* sectors that one call has read, of the transfer under way */
static bool edd_has_worked;
static struct geometry {
    uint32_t track_sectors, heads; /* 0 sectors: not known yet */
} known;

void disk_init(uint8_t drive) {
    edd_has_worked = false;
    known.track_sectors = 0;
    boot_info.boot_drive = drive;
    boot_info.disk_method = stage2_edd_tries ? DISK_EDD : DISK_CHS;
    boot_info.disk_max_transfer = BOUNCE_SECTORS;
}

static bool succeeded(const struct bios_regs *regs) {
    if (!(regs->eflags & EFLAGS_CF)) return true;
    last_status = regs->ah;
    return false;
}

static bool read_edd(uint32_t lba, uint32_t sectors, uint32_t address) {
    static struct disk_address_packet packet;
    struct bios_regs regs = {
        .ah = 0x42,
        .edx = boot_info.boot_drive,
        .esi = (uint32_t)&packet,
    };

    packet = (struct disk_address_packet){
        .size = sizeof(packet),
        .sectors = (uint16_t)sectors,
        .offset = address & 15,
        .segment = (uint16_t)(address >> 4),
        .lba = lba,
    };
    bios_int(0x13, &regs);
    /* The packet comes back with the sectors that were read (EDD-3.0 §8.2). A single one is not
     * doubted: there may be a BIOS that counts down to 0. */
    return succeeded(&regs) && (packet.sectors >= sectors || sectors == 1);
}

/* The geometry that the BIOS believes in. DH = FFh is 256 heads. */
static struct geometry bios_geometry(void) {
    struct bios_regs regs = {.ah = 0x08, .edx = boot_info.boot_drive};

    bios_int(0x13, &regs);
    if (!succeeded(&regs)) return (struct geometry){0, 0};
    return (struct geometry){regs.cl & 0x3F, regs.dh + 1u};
}

/* What the boot sector says of the disk that it lies on, for a BIOS that knows nothing. */
static struct geometry bpb_geometry(void) {
    workaround(WORKAROUND_GEOMETRY_BPB);
    return (struct geometry){*(const uint16_t *)(stage1_sector + BPB_TRACK_SECTORS),
                             *(const uint16_t *)(stage1_sector + BPB_HEADS)};
}

/* Asked once; no track has 0 sectors. */
static struct geometry geometry(void) {
    if (!known.track_sectors) known = bios_geometry();
    if (!known.track_sectors) known = bpb_geometry();
    return known;
}

/* How many sectors one call can read: with CHS up to the end of a track. */
static uint32_t within_track(uint32_t lba, uint32_t sectors) {
    uint32_t track_sectors = geometry().track_sectors;

    if (!track_sectors) return 1;
    uint32_t left = track_sectors - lba % track_sectors;
    return sectors < left ? sectors : left;
}

/* lab 2: begin */
static bool read_chs(uint32_t lba, uint32_t sectors, uint32_t address) {
    struct geometry disk = geometry();

    if (!disk.track_sectors || !disk.heads) return false;
    uint32_t track = lba / disk.track_sectors;
    uint32_t cylinder = track / disk.heads;
    if (cylinder > CHS_MAX_CYLINDER) return false;
    struct bios_regs regs = {
        .ah = 0x02,
        .al = (uint8_t)sectors,
        .ch = (uint8_t)cylinder,
        .cl = (uint8_t)((lba % disk.track_sectors + 1) | (cylinder >> 2 & 0xC0)),
        .dh = (uint8_t)(track % disk.heads),
        .dl = (uint8_t)boot_info.boot_drive,
        .es = (uint16_t)(address >> 4),
        .bx = address & 15,
    };
    bios_int(0x13, &regs);
    return succeeded(&regs);
}
/* lab 2: end */

static void reset(void) {
    struct bios_regs regs = {.ah = 0x00, .edx = boot_info.boot_drive};

    bios_int(0x13, &regs);
}

/* Up to `tries` calls with `method`. Some drives stay in error until they are reset. */
static bool try_method(uint32_t method, uint32_t lba, uint32_t sectors, uint32_t address,
                       int tries) {
    for (int i = 0; i < tries; i++) {
        if (method == DISK_EDD ? read_edd(lba, sectors, address)
                               : read_chs(lba, sectors, address)) {
            if (i) workaround(WORKAROUND_DISK_RETRIED);
            if (method == DISK_EDD) edd_has_worked = true;
            if (sectors > longest) longest = sectors;
            return true;
        }
        reset();
    }
    return false;
}

/* The last resort for one sector. A BIOS whose EDD never worked is not asked for it again. */
static bool read_without_edd(uint32_t lba, uint32_t address) {
    if (boot_info.disk_method == DISK_CHS || !try_method(DISK_CHS, lba, 1, address, TRIES))
        return false;
    workaround(WORKAROUND_DISK_CHS);
    if (!edd_has_worked) boot_info.disk_method = DISK_CHS;
    return true;
}

/* One call, or pieces of half the length, and so on: seven levels deep at most. */
static bool read_pieces(uint32_t lba, uint32_t sectors, uint32_t address, int tries) {
    if (try_method(boot_info.disk_method, lba, sectors, address, tries)) return true;
    if (sectors == 1) return read_without_edd(lba, address);
    for (uint32_t piece = sectors / 2; sectors;) {
        if (piece > sectors) piece = sectors;
        if (!read_pieces(lba, piece, address, piece == 1 ? TRIES : 1)) return false;
        lba += piece;
        sectors -= piece;
        address += piece * SECTOR_SIZE;
    }
    return true;
}

/* Reads `sectors`, which are not more than a call may have. What was too long is not tried again. */
static bool read_call(uint32_t lba, uint32_t sectors, uint32_t address) {
    longest = 0;
    if (!read_pieces(lba, sectors, address, TRIES)) return false;
    if (longest < sectors) {
        boot_info.disk_max_transfer = longest;
        workaround(WORKAROUND_DISK_SMALLER);
    }
    return true;
}

static enum boot_error transfer(uint32_t lba, uint32_t sectors, uint32_t address) {
    while (sectors) {
        uint32_t part = sectors;
        if (part > boot_info.disk_max_transfer) part = boot_info.disk_max_transfer;
        if (boot_info.disk_method == DISK_CHS) part = within_track(lba, part);
        if (!read_call(lba, part, address)) {
            error_at(E_DISK_READ, "LBA", lba);
            error_details[1] = (struct error_detail){"status", last_status};
            return E_DISK_READ;
        }
        lba += part;
        sectors -= part;
        address += part * SECTOR_SIZE;
    }
    return BOOT_OK;
}

enum boot_error disk_read_bounce(uint32_t lba, uint32_t sectors) {
    return transfer(lba, sectors, BOUNCE_ADDR);
}

enum boot_error disk_read_twice(uint32_t lba, uint32_t sectors, void *buffer) {
    struct compare_request request = {(uint32_t)buffer, BOUNCE_ADDR, sectors * SECTOR_SIZE, 0};

    for (int i = 0; i < TRIES; i++) {
        pm_switch(pm_make_different, &request); /* for a BIOS that reports success and does nothing */
        enum boot_error error = transfer(lba, sectors, (uint32_t)buffer);
        if (!error) error = disk_read_bounce(lba, sectors);
        if (error) return error;
        pm_switch(pm_compare, &request);
        if (request.same) return BOOT_OK;
        workaround(WORKAROUND_DISK_RETRIED);
    }
    return error_at(E_DISK_UNSTABLE, "LBA", lba);
}

void disk_use_smaller_transfers(void) {
    boot_info.disk_max_transfer = boot_info.disk_max_transfer > 16 ? 16 : 1;
}
