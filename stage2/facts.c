/*
 * facts.c: what the loader itself has no use for, and a kernel cannot ask any more: the BIOS is gone
 * then. Real mode.
 */
#include "facts.h"

#include <ascent/int13.h>
#include <ascent/layout.h>

#include "bios.h"
#include "boot.h"
#include "image.h"
#include "pm.h"

#define EDD_SIGNATURE 0x55AA /* and back as AA55h (EDD-3.0 §8.1) */
#define EDD_PARAMETERS 0x4   /* of the functions: there is AH=48h, and more */
#define EDD_ANSWER_MAX 256   /* EDD-4 has 74 bytes */

/* A BIOS that fails may have written to it all the same: nothing counts then. */
static bool ask_edd(struct drive_parameters *edd) {
    struct bios_regs regs = {.ah = 0x41, .bx = EDD_SIGNATURE, .edx = boot_info.boot_drive};

    bios_int(0x13, &regs);
    if ((regs.eflags & EFLAGS_CF) || regs.bx != 0xAA55) return false;
    boot_info.edd_version = regs.ah;
    boot_info.edd_functions = regs.cx;
    if (!(regs.cx & EDD_PARAMETERS)) return false;
    regs = (struct bios_regs){.ah = 0x48, .edx = boot_info.boot_drive, .esi = (uint32_t)edd};
    edd->bytes = sizeof(*edd);
    bios_int(0x13, &regs);
    return !(regs.eflags & EFLAGS_CF) && edd->bytes >= EDD_PARAMETERS_BYTES;
}

/* With room behind it, for a BIOS that writes more than it was told there is room for. */
static struct {
    struct drive_parameters edd;
    uint8_t spare[EDD_ANSWER_MAX - sizeof(struct drive_parameters)];
} answer;

static void describe_disk(void) {
    const struct drive_parameters *edd = &answer.edd;

    boot_info.disk_signature = *(const uint32_t *)(stage1_sector + MBR_DISK_SIGNATURE);
    boot_info.sector_size = SECTOR_SIZE; /* stage 1 could be read by no other */
    if (!stage2_edd_tries || !ask_edd(&answer.edd)) return;
    boot_info.disk_flags = edd->flags;
    boot_info.disk_cylinders = edd->cylinders;
    boot_info.disk_heads = edd->heads;
    boot_info.disk_track_sectors = edd->track_sectors;
    boot_info.disk_sectors = (uint32_t)edd->sectors;
    boot_info.disk_sectors_high = (uint32_t)(edd->sectors >> 32);
    if (edd->sector_bytes) boot_info.sector_size = edd->sector_bytes;
    if (edd->path_key != EDD_PATH_KEY) return;
    boot_info.disk_bus = edd->bus;
    boot_info.disk_interface = edd->interface[0];
}

void facts_collect(void) {
    describe_disk();
    pm_call(pm_find_rsdp, 0);
}
