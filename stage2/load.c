/*
 * load.c: the kernel and the initrd, from the disk to where they belong. Real mode.
 *
 * A file passes by (passing.c), and if it is not what was judged, or its checksum is wrong, it is
 * read again. A kernel in LZ4's frame format goes to memory as it is, and is unpacked there; then
 * the kernel comes from memory in place of the disk, by the same way.
 */
#include "load.h"

#include <ascent/layout.h>
#include <stdbool.h>

#include "boot.h"
#include "config.h"
#include "console.h"
#include "disk.h"
#include "error.h"
#include "fat.h"
#include "kernel_kind.h"
#include "linux.h"
#include "load_elf.h"
#include "passing.h"
#include "pm.h"
#include "room.h"
#include "unpack.h"

#define MAX_READINGS 3

struct loaded_file loaded_modules[CONFIG_MODULES_MAX];

/* The readings of one file so far. */
struct readings {
    uint32_t count;
    uint32_t crc; /* of the last one */
    uint32_t max_transfer, workarounds; /* in boot_info, before it was read again */
};

/* The first two are the same, so the disk is not to blame: the next file is read as before. */
static void believe(const struct readings *readings) {
    uint32_t reread = 1u << WORKAROUND_FILE_REREAD;

    boot_info.disk_max_transfer = readings->max_transfer;
    boot_info.workarounds &= ~reread | readings->workarounds;
}

/*
 * Is the file to be read again after `error`, from its directory entry on? The transfers get
 * smaller, as some BIOSes report success for long reads that failed. Two readings with different
 * transfers that give the same checksum are believed: the file is not the one that was meant.
 */
static bool read_again(struct readings *readings, enum boot_error error, uint32_t crc) {
    bool checksum = error == E_KERNEL_CRC || error == E_INITRD_CRC || error == E_LZ4_DATA ||
                    error == E_LZ4_CHECKSUM;

    if (!checksum && error != E_DISK_UNSTABLE) return false;
    if (++readings->count == MAX_READINGS) return false;
    if (checksum && readings->count > 1 && crc == readings->crc) {
        believe(readings);
        return false;
    }
    if (readings->count == 1) {
        readings->max_transfer = boot_info.disk_max_transfer;
        readings->workarounds = boot_info.workarounds;
    }
    readings->crc = crc;
    workaround(WORKAROUND_FILE_REREAD);
    disk_use_smaller_transfers();
    fat_forget();
    error_forget();
    pass_zero(BOUNCE_ADDR,
              BOUNCE_SIZE); /* a read that does nothing must not pass for the one before */
    print("%s: reading it again\n", checksum ? "wrong checksum" : "the disk gave other bytes");
    return true;
}

/* The first bytes of the file, read twice, as what the file is depends on them: and compared with
 * those that pass by later. */
static enum boot_error read_head(struct fat_file *file, struct head_request *head) {
    uint32_t crc;

    head->file_bytes = file->bytes;
    head->head_bytes = file->bytes < KERNEL_HEAD_MAX ? file->bytes : KERNEL_HEAD_MAX;
    pass_start();
    pass_want(EXTENT_COPY, 0, head->head_bytes, HANDOFF_ADDR);
    enum boot_error error = pass_by(file, head->head_bytes, false, &crc);
    pass_start();
    pass_want(EXTENT_COMPARE, 0, head->head_bytes, HANDOFF_ADDR);
    if (!error) error = pass_by(file, head->head_bytes, false, &crc);
    return error;
}

/*
 * If the file is packed, by its head, reads all of it and unpacks it. Then its `bytes` and its head
 * are those of the kernel, and all that reads it from now on reads memory.
 */
static enum boot_error unpack(struct fat_file *file, struct head_request *head, uint32_t *crc) {
    struct unpack_request request = {.file_bytes = file->bytes};

    pm_call(pm_unpack_plan, &request);
    if (request.error || !request.frame.is_lz4) return request.error;
    pass_want(EXTENT_COPY, 0, file->bytes, request.packed);
    enum boot_error error = pass_by(file, file->bytes, true, crc);
    if (!error && config.has_kernel_crc32 && *crc != config.kernel_crc32) error = E_KERNEL_CRC;
    if (error) return error;
    pm_call(pm_unpack, &request);
    if (request.error) return request.error;
    print("kernel: %k KB of LZ4 unpacked\n", file->bytes);
    pass_from(request.unpacked);
    file->bytes = request.frame.content_bytes;
    return read_head(file, head);
}

/* A reading begins, or loading ends: the memory that the last one took for this is given back. */
static void forget_unpacked(void) {
    pass_from(0);
    pm_call(pm_unpack_done, 0);
}

/* The same for a file of Linux's format, whose head says all. */
static enum boot_error plan_linux(struct head_request *head) {
    pm_call(pm_linux_plan, head);
    if (head->error) return head->error;
    pass_want(EXTENT_COPY, head->image_offset, head->image_bytes, boot_info.kernel_phys);
    if (kernel_kind == KERNEL_LINUX_REAL)
        pass_want(EXTENT_COPY, 0, head->setup_bytes, LINUX_REAL_ADDR);
    return BOOT_OK;
}

/* Decides what the file is and where it goes; then lets it pass by. */
static enum boot_error read_kernel(const char *path, uint32_t *crc) {
    static const char *const kinds[] = {"", "Multiboot, ", "Linux, ", "Linux in real mode, "};
    struct head_request head;
    struct fat_file file;

    boot_info.symtab_bytes = boot_info.strtab_bytes = 0;
    forget_unpacked();
    enum boot_error error = fat_open(path, &file);
    if (!error) error = read_head(&file, &head);
    if (!error) error = unpack(&file, &head, crc);
    if (error) return error;
    pm_call(pm_kernel_kind, &head);
    error = head.error;
    if (!error) error = kernel_is_linux() ? plan_linux(&head) : plan_elf(&file);
    if (error) return error;

    print("kernel: %s, %s%k KB to %08x\n", path, kinds[kernel_kind], file.bytes,
          boot_info.kernel_phys);
    return pass_by(&file, file.bytes, config.has_kernel_crc32, crc);
}

enum boot_error load_kernel(const char *path) {
    struct readings readings = {0};
    enum boot_error error;
    uint32_t crc = 0;

    do {
        error = read_kernel(path, &crc);
        if (!error && config.has_kernel_crc32 && crc != config.kernel_crc32) error = E_KERNEL_CRC;
    } while (read_again(&readings, error, crc));
    forget_unpacked();
    return error;
}

/* Our kernel and Multiboot's have it behind them, Linux as high as it takes it. 0: no room. */
static uint32_t initrd_room(uint32_t bytes) {
    struct room_request request = {bytes, 0};

    if (!kernel_is_linux()) return room_take(bytes, UINT32_MAX);
    pm_call(pm_linux_initrd_room, &request);
    return request.phys;
}

/* A file that is handed on as it is: `what` it is, for who reads along. */
static enum boot_error read_whole(const char *what, const char *path, bool want_crc, uint32_t *crc,
                                  struct loaded_file *loaded) {
    struct fat_file file;

    enum boot_error error = fat_open(path, &file);
    if (error) return error;
    loaded->bytes = file.bytes;
    loaded->phys = initrd_room(file.bytes);
    if (!loaded->phys) return error_at(E_NO_ROOM_INITRD, "bytes", file.bytes);
    pass_start();
    pass_want(EXTENT_COPY, 0, file.bytes, loaded->phys);

    print("%s: %s, %k KB to %08x\n", what, path, file.bytes, loaded->phys);
    return pass_by(&file, file.bytes, want_crc, crc);
}

enum boot_error load_initrd(const char *path) {
    uint32_t behind_kernel = room_end();
    struct readings readings = {0};
    struct loaded_file initrd = {0};
    enum boot_error error;
    uint32_t crc = 0;

    do {
        room_start(behind_kernel);
        error = read_whole("initrd", path, config.has_initrd_crc32, &crc, &initrd);
        if (!error && config.has_initrd_crc32 && crc != config.initrd_crc32) error = E_INITRD_CRC;
    } while (read_again(&readings, error, crc));
    boot_info.initrd_phys = initrd.phys;
    boot_info.initrd_bytes = initrd.bytes;
    return error;
}

enum boot_error load_module(uint32_t index) {
    uint32_t crc;

    if (kernel_kind != KERNEL_MULTIBOOT) return E_MODULE_KIND;
    return read_whole("module", config.modules[index].path, false, &crc, &loaded_modules[index]);
}

void load_forget(void) {
    boot_info.kernel_phys = boot_info.kernel_phys_end = boot_info.kernel_entry = 0;
    boot_info.symtab_phys = boot_info.symtab_bytes = 0;
    boot_info.strtab_phys = boot_info.strtab_bytes = 0;
    boot_info.initrd_phys = boot_info.initrd_bytes = 0;
    fat_forget();
    error_forget();
}
