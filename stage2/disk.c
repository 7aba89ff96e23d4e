/*
 * disk.c: reading sectors with INT 13h, on drives and BIOSes that do not always want to.
 *
 * Real mode. EDD (AH=42h, EDD-3.0 §8.2) if the BIOS has it, else CHS (AH=02h). A failed read is
 * tried three times with a reset between, then with half the sectors a call, which is remembered,
 * down to one; then CHS is tried on a drive that claimed EDD. Only then it is an error.
 */
#include "disk.h"

#include <ascent/layout.h>
#include <stdbool.h>

#include "bios.h"
#include "boot.h"
#include "error.h"

#define TRIES 3
#define MAX_TRANSFER 127 /* sectors; some BIOSes refuse more (Phoenix EDD) */
#define CHS_MAX_CYLINDER 1023

struct disk_address_packet {
    uint8_t size;
    uint8_t reserved;
    uint16_t sectors;
    uint16_t offset;
    uint16_t segment;
    uint64_t lba;
} __attribute__((packed));

static uint8_t last_status; /* AH of the last failed call (EDD-3.0 §7) */

static bool has_edd(void) {
    struct bios_regs regs = {.ah = 0x41, .bx = 0x55AA, .edx = boot_info.boot_drive};

    bios_int(0x13, &regs);
    return !(regs.eflags & EFLAGS_CF) && regs.bx == 0xAA55 && (regs.cx & 1);
}

void disk_init(uint8_t drive) {
    boot_info.boot_drive = drive;
    boot_info.disk_method = has_edd() ? DISK_EDD : DISK_CHS;
    boot_info.disk_max_transfer = MAX_TRANSFER;
}

static bool succeeded(const struct bios_regs *regs) {
    if (!(regs->eflags & EFLAGS_CF)) return true;
    last_status = regs->ah;
    return false;
}

static bool read_edd(uint32_t lba, uint32_t sectors, uint32_t address) {
    struct disk_address_packet packet = {
        .size = sizeof(packet),
        .sectors = (uint16_t)sectors,
        .offset = address & 15,
        .segment = (uint16_t)(address >> 4),
        .lba = lba,
    };
    struct bios_regs regs = {
        .ah = 0x42,
        .edx = boot_info.boot_drive,
        .esi = (uint32_t)&packet,
    };
    bios_int(0x13, &regs);
    return succeeded(&regs);
}

/* Sectors per track and heads of the geometry that the BIOS believes in. False: it has none. */
static bool geometry(uint32_t *track_sectors, uint32_t *heads) {
    static uint8_t known_sectors;
    static uint16_t known_heads;

    if (!known_sectors) {
        struct bios_regs regs = {.ah = 0x08, .edx = boot_info.boot_drive};
        bios_int(0x13, &regs);
        if (!succeeded(&regs)) return false;
        known_sectors = regs.cl & 0x3F;
        known_heads = regs.dh + 1;
    }
    *track_sectors = known_sectors;
    *heads = known_heads;
    return known_sectors;
}

/* One call reads up to the end of a track; returns in `sectors` how many it was to read. */
static bool read_chs(uint32_t lba, uint32_t *sectors, uint32_t address) {
    uint32_t track_sectors, heads;

    if (!geometry(&track_sectors, &heads)) return false;
    uint32_t sector = lba % track_sectors;
    uint32_t track = lba / track_sectors;
    uint32_t cylinder = track / heads;
    if (cylinder > CHS_MAX_CYLINDER) return false;
    if (*sectors > track_sectors - sector) *sectors = track_sectors - sector;
    struct bios_regs regs = {
        .ah = 0x02,
        .al = (uint8_t)*sectors,
        .ch = (uint8_t)cylinder,
        .cl = (uint8_t)((sector + 1) | (cylinder >> 2 & 0xC0)),
        .dh = (uint8_t)(track % heads),
        .dl = (uint8_t)boot_info.boot_drive,
        .es = (uint16_t)(address >> 4),
        .bx = address & 15,
    };
    bios_int(0x13, &regs);
    return succeeded(&regs);
}

static void reset(void) {
    struct bios_regs regs = {.ah = 0x00, .edx = boot_info.boot_drive};

    bios_int(0x13, &regs);
}

/* TRIES calls with `method`. Some drives stay in error until they are reset. */
static bool try_method(uint32_t method, uint32_t lba, uint32_t *sectors, uint32_t address) {
    for (int i = 0; i < TRIES; i++) {
        if (method == DISK_EDD ? read_edd(lba, *sectors, address)
                               : read_chs(lba, sectors, address))
            return true;
        reset();
    }
    return false;
}

/* Reads up to `*sectors`, at least one, and says in `*sectors` how many. */
static bool read_some(uint32_t lba, uint32_t *sectors, uint32_t address) {
    uint32_t wanted = *sectors;

    for (uint32_t limit = boot_info.disk_max_transfer;; limit /= 2) {
        *sectors = wanted < limit ? wanted : limit;
        if (try_method(boot_info.disk_method, lba, sectors, address)) {
            if (limit < boot_info.disk_max_transfer && wanted > limit)
                boot_info.disk_max_transfer = limit;
            return true;
        }
        if (limit == 1) break;
    }
    if (boot_info.disk_method == DISK_CHS || !try_method(DISK_CHS, lba, sectors, address))
        return false;
    boot_info.disk_method = DISK_CHS; /* it claimed EDD and cannot do it */
    boot_info.disk_max_transfer = MAX_TRANSFER;
    return true;
}

static enum boot_error transfer(uint32_t lba, uint32_t sectors, uint32_t address) {
    while (sectors) {
        uint32_t done = sectors;
        if (!read_some(lba, &done, address)) {
            error_at(E_DISK_READ, "LBA", lba);
            error_details[1] = (struct error_detail){"status", last_status};
            return E_DISK_READ;
        }
        lba += done;
        sectors -= done;
        address += done * SECTOR_SIZE;
    }
    return BOOT_OK;
}

enum boot_error disk_read(uint32_t lba, uint32_t sectors, void *buffer) {
    return transfer(lba, sectors, (uint32_t)buffer);
}

enum boot_error disk_read_bounce(uint32_t lba, uint32_t sectors) {
    return transfer(lba, sectors, BOUNCE_ADDR);
}
