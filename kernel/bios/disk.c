/*
 * disk.c: sectors by INT 13h, on drives and BIOSes that do not always want to: EDD (AH=42h and 43h,
 * EDD-3.0 §8.2) if the loader could read with it, else CHS (02h and 03h), no more at once than the
 * loader could. What fails is tried again after a reset, then sector by sector.
 *
 * A call is done when it comes back: nobody sleeps, and there is one at a time. The data pass
 * through a buffer below 640 KB. Chapter: docs/28-back-to-real-mode.md.
 */
#include <bios/bios.h>
#include <bios/bios_disk.h>
#include <boot/boot.h>
#include <dev/ata.h>
#include <fs/vfs.h>
#include <lib/errno.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/kmap.h>
#include <proc/task.h>

#define INT_DISK 0x13
#define AH_RESET 0x00
#define AH_CHS_READ 0x02
#define AH_CHS_WRITE 0x03
#define AH_GEOMETRY 0x08
#define AH_EDD_READ 0x42
#define AH_EDD_WRITE 0x43 /* AL = 0: without verifying */
#define AH_EDD_PARAMETERS 0x48

#define TRIES 3
#define LONG_NS 4000000000ull /* in which a disk has moved sectors, or has said no */
#define FIRST_HARD_DISK 0x80
#define BIOS_MAJOR 240 /* for local use (Linux, devices.txt) */
#define BOUNCE_SECTORS (REAL_BOUNCE_SIZE / SECTOR_BYTES)

static int bios_transfer(struct block_device *disk, bool write, uint64_t sector, uint32_t sectors,
                         struct page *const *pages, enum block_wait wait);

static const struct block_driver bios_driver = {.transfer = bios_transfer,
                                                .max_sectors = BOUNCE_SECTORS};
static struct block_device bios_disk = {.driver = &bios_driver};
static uint32_t track_sectors, heads; /* what the BIOS counts by; 0: not asked yet, or not known */

static uint8_t *bounce(void) {
    return phys_to_virt(phys_addr(REAL_BOUNCE_ADDR));
}

/* Calls the BIOS. False: it failed (CF = 1). */
static bool call(struct bios_regs *regs) {
    regs->edx |= boot_info.boot_drive;
    bios_call(INT_DISK, regs);
    return !(regs->eflags & EFLAGS_CF);
}

/* ---- one call: sectors from `offset` in the buffer on ---- */

/* The packet comes back with what was moved; a single sector is not doubted (stage2/disk.c). */
static bool move_edd(bool write, uint64_t sector, uint32_t sectors, uint32_t offset) {
    struct disk_address_packet *packet = &bios_area()->packet;
    struct bios_regs regs = {.ah = write ? AH_EDD_WRITE : AH_EDD_READ};

    *packet = (struct disk_address_packet){
        .size = sizeof(*packet),
        .sectors = (uint16_t)sectors,
        .segment = (uint16_t)((REAL_BOUNCE_ADDR + offset) >> 4),
        .lba = sector,
    };
    regs.esi = REAL_DATA_ADDR + offsetof(struct real_call, packet);
    return call(&regs) && (packet->sectors >= sectors || sectors == 1);
}

/* DH = FFh is 256 heads. */
static void ask_geometry(void) {
    struct bios_regs regs = {.ah = AH_GEOMETRY};

    if (track_sectors || !call(&regs)) return;
    track_sectors = regs.cl & 0x3F;
    heads = regs.dh + 1u;
}

static bool move_chs(bool write, uint64_t sector, uint32_t sectors, uint32_t offset) {
    ask_geometry();
    if (!track_sectors) return false;
    uint32_t track = (uint32_t)sector / track_sectors, cylinder = track / heads;
    if (sector >> 32 || cylinder > CHS_MAX_CYLINDER) return false;
    struct bios_regs regs = {
        .ah = write ? AH_CHS_WRITE : AH_CHS_READ,
        .ch = (uint8_t)cylinder,
        .cl = (uint8_t)(((uint32_t)sector % track_sectors + 1) | (cylinder >> 2 & 0xC0)),
        .dh = (uint8_t)(track % heads),
        .es = (uint16_t)((REAL_BOUNCE_ADDR + offset) >> 4),
    };
    regs.al = (uint8_t)sectors;
    return call(&regs);
}

/* By what the loader could read with, and by that alone: should the BIOS count CHS by another
 * geometry than it says, a write would land somewhere else. */
static bool move_once(bool write, uint64_t sector, uint32_t sectors, uint32_t offset) {
    return boot_info.disk_method == DISK_EDD ? move_edd(write, sector, sectors, offset)
                                             : move_chs(write, sector, sectors, offset);
}

/* ---- until it works ---- */

/* Some drives stay in error until they are reset. Where the BIOS has waited in vain, the command may
 * still be under way: SeaBIOS takes its late answer for that of the next one (AHCI, after 32 s). So
 * nothing that it says of this disk counts any more. */
static bool move_tries(struct block_device *disk, bool write, uint64_t sector, uint32_t sectors,
                       uint32_t offset) {
    for (int try = 0; try < TRIES && !disk->dead; try++) {
        uint64_t began = clock_monotonic();
        if (try) disk->counters.retries++;
        if (move_once(write, sector, sectors, offset)) return true;
        if (clock_monotonic() - began > LONG_NS) {
            block_give_up(disk);
            return false;
        }
        struct bios_regs regs = {.ah = AH_RESET};
        (void)call(&regs);
        disk->counters.resets++;
    }
    return false;
}

/* As many as one call can move: what the loader could, and with CHS to the end of a track. */
static uint32_t at_once(uint64_t sector, uint32_t sectors) {
    uint32_t most = boot_info.disk_max_transfer;

    if (boot_info.disk_method == DISK_CHS) {
        ask_geometry();
        uint32_t left = track_sectors ? track_sectors - (uint32_t)sector % track_sectors : 1;
        if (left < most) most = left;
    }
    return sectors < most ? sectors : most;
}

/* ---- data ---- */

static void copy_pages(bool write, uint32_t done, uint32_t sectors, struct page *const *pages) {
    uint8_t *buffer = bounce();

    for (uint32_t i = 0; i < sectors; i++, buffer += SECTOR_BYTES) {
        uint8_t *frame = kmap_atomic(pages[(done + i) / SECTORS_PER_PAGE]);
        uint8_t *data = frame + (done + i) % SECTORS_PER_PAGE * SECTOR_BYTES;
        if (write)
            memcpy(buffer, data, SECTOR_BYTES);
        else
            memcpy(data, buffer, SECTOR_BYTES);
        kunmap_atomic(frame);
    }
}

/* One with a bad sector still has its first one. What has been pulled out fails everywhere. Overwrites
 * the buffer. */
static bool is_there(struct block_device *disk) {
    if (move_tries(disk, false, 0, 1, 0)) return true;
    block_give_up(disk);
    return false;
}

static bool move_one_by_one(struct block_device *disk, bool write, uint64_t sector,
                            uint32_t sectors) {
    for (uint32_t i = 0; i < sectors; i++)
        if (!move_tries(disk, write, sector + i, 1, i * SECTOR_BYTES)) return false;
    return true;
}

static int bios_transfer(struct block_device *disk, bool write, uint64_t sector, uint32_t sectors,
                         struct page *const *pages, enum block_wait wait) {
    (void)wait;
    for (uint32_t done = 0, part; done < sectors; done += part) {
        part = at_once(sector + done, sectors - done);
        if (write) copy_pages(write, done, part, pages);
        if (!move_tries(disk, write, sector + done, part, 0)) {
            if (!is_there(disk)) return -EIO;
            if (write) copy_pages(write, done, part, pages);
            if (!move_one_by_one(disk, write, sector + done, part)) return -EIO;
        }
        if (!write) copy_pages(write, done, part, pages);
    }
    return 0;
}

/* ---- which one ---- */

bool bios_disk_wanted(void) {
    char value[8];

    return cmdline_option("disk", value, sizeof value) && strcmp(value, "bios") == 0;
}

/* By EDD; 0: it does not know, or sectors are not of 512 bytes. */
static uint64_t size_by_edd(void) {
    struct drive_parameters *found = (struct drive_parameters *)bounce();
    struct bios_regs regs = {.ah = AH_EDD_PARAMETERS, .ds = REAL_BOUNCE_ADDR >> 4};

    *found = (struct drive_parameters){.bytes = EDD_PARAMETERS_BYTES};
    if (!call(&regs) || found->sector_bytes != SECTOR_BYTES) return 0;
    return found->sectors;
}

/* The geometry names the last cylinder; of hard disks often the last but one, as the first PCs kept
 * one for diagnostics (SeaBIOS does so). */
static uint64_t size_by_geometry(void) {
    struct bios_regs regs = {.ah = AH_GEOMETRY};

    if (!call(&regs)) return 0;
    uint32_t cylinder_sectors = (regs.dh + 1u) * (regs.cl & 0x3F);
    uint64_t sectors = ((regs.ch | (regs.cl & 0xC0u) << 2) + 1ull) * cylinder_sectors;
    bool one_more = boot_info.boot_drive >= FIRST_HARD_DISK &&
                    move_once(false, sectors + cylinder_sectors - 1, 1, 0);
    return sectors + (one_more ? cylinder_sectors : 0);
}

/* Of the drive that we came from. Kept, as the buffer has another use before it is needed. */
static uint8_t first_sector[SECTOR_BYTES];
static bool readable;

bool bios_disk_read_first(void) {
    return move_tries(&bios_disk, false, 0, 1, 0);
}

void bios_disk_look(void) {
    if (!bios_can_call()) return;
    snprintf(bios_disk.name, sizeof bios_disk.name, "bios%02x", boot_info.boot_drive);
    if (boot_info.disk_method == DISK_EDD) bios_disk.sectors = size_by_edd();
    ata_trace_begin();
    readable = bios_disk_read_first();
    ata_trace_end();
    memcpy(first_sector, bounce(), SECTOR_BYTES);
}

/* What CHS counts is less than there is: then the size tells nothing. */
static struct block_device *same_disk(void) {
    if (boot_info.boot_drive < FIRST_HARD_DISK) return NULL;
    return block_find_first_sector(first_sector, bios_disk.sectors);
}

static struct block_device *add(void) {
    if (!bios_disk.sectors) bios_disk.sectors = size_by_geometry();
    if (!bios_disk.sectors) {
        pr_warn("the BIOS does not tell how large drive %02x is: not used\n", boot_info.boot_drive);
        return NULL;
    }
    bios_disk.number = makedev(BIOS_MAJOR, 0);
    block_add(&bios_disk);
    return &bios_disk;
}

struct block_device *bios_disk_boot(void) {
    if (!readable) return NULL;
    struct block_device *other = same_disk();
    return other ? other : add();
}
