/*
 * kernel_file.h: a kernel file in this program's memory, in place of a disk and a FAT; for tests of
 * load.c over loader_machine.h. `on_reading` may change the file before a sector is given.
 */
#ifndef KERNEL_FILE_H
#define KERNEL_FILE_H

#include "config.h"
#include "disk.h"
#include "elf.h"
#include "fat.h"
#include "load.h"
#include "loader_machine.h"
#include "xxhash32.h"

#define GOOD_BYTES 0x3000 /* of a good file */
#define FIRST_LBA 100
#define FRAGMENT 3 /* sectors of a cluster: each is a run */

struct config config;
static uint8_t kernel[0x4000], good_kernel[sizeof kernel];
static uint32_t kernel_bytes;
static uint32_t readings, smaller, last_lba; /* fat_open(), smaller transfers, of the last sector */

/* Called before a part of the file is given: to be judged, or as it passes by. */
static enum boot_error on_read(uint32_t offset, uint32_t bytes, bool passing);

void disk_use_smaller_transfers(void) {
    smaller++;
    boot_info.disk_max_transfer = 16;
}

void fat_forget(void) {}

enum boot_error fat_open(const char *path, struct fat_file *file) {
    (void)path;
    readings++;
    *file = (struct fat_file){.bytes = kernel_bytes};
    return BOOT_OK;
}

enum boot_error fat_read(struct fat_file *file, uint32_t offset, void *buffer, uint32_t bytes) {
    if (offset > file->bytes || bytes > file->bytes - offset) abort();
    enum boot_error error = on_read(offset, bytes, false);
    if (error) return error;
    memcpy(buffer, kernel + offset, bytes);
    return BOOT_OK;
}

void fat_rewind(struct fat_file *file) {
    file->position = 0;
}

struct fat_volume fat_volume;

enum boot_error fat_next_run(struct fat_volume *volume, struct fat_file *file, uint32_t max_sectors) {
    struct fat_run *run = &file->run;

    (void)volume;
    if (!max_sectors) abort();
    file->run_position = file->position;
    run->lba = FIRST_LBA + file->position / SECTOR_SIZE;
    run->sectors = file->position < file->bytes ? FRAGMENT : 0; /* also behind the file's end */
    file->position += run->sectors * SECTOR_SIZE;
    if (file->position > file->bytes) file->position = file->bytes;
    return BOOT_OK;
}

enum boot_error disk_read_bounce(uint32_t lba, uint32_t sectors) {
    uint32_t offset = (lba - FIRST_LBA) * SECTOR_SIZE;

    if (!sectors || sectors > BOUNCE_SECTORS || offset >= kernel_bytes) abort();
    enum boot_error error = on_read(offset, sectors * SECTOR_SIZE, true);
    if (error) return error;
    last_lba = lba + sectors - 1;
    uint32_t bytes = kernel_bytes - offset;
    if (bytes > sectors * SECTOR_SIZE) bytes = sectors * SECTOR_SIZE;
    memcpy(machine_memory(BOUNCE_ADDR), kernel + offset, bytes);
    return BOOT_OK;
}

static struct elf32_phdr segment(uint32_t type, uint32_t offset, uint32_t phys, uint32_t filesz,
                                 uint32_t memsz) {
    return (struct elf32_phdr){type, offset, PAGE_OFFSET + phys, phys, filesz, memsz, 7, 1};
}

/* A kernel of three segments with a note, a symbol table and its strings. */
static inline void make_good_kernel(void) {
    const struct elf32_ehdr ehdr = {
        .e_ident = {0x7F, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC, .e_machine = EM_386, .e_version = EV_CURRENT,
        .e_entry = PAGE_OFFSET + 0x100000, .e_phoff = sizeof(struct elf32_ehdr),
        .e_shoff = 0x200, .e_ehsize = sizeof(struct elf32_ehdr),
        .e_phentsize = sizeof(struct elf32_phdr), .e_phnum = 4,
        .e_shentsize = sizeof(struct elf32_shdr), .e_shnum = 3,
    };
    const struct elf32_phdr phdrs[] = {
        segment(PT_LOAD, 0x400, 0x100000, 0x1234, 0x2000),
        segment(PT_LOAD, 0x1700, 0x102000, 0x500, 0x9000),
        segment(PT_NOTE, 0x300, 0, 24, 24),
        segment(PT_LOAD, 0x2000, 0x118000, 0x800, 0x800),
    };
    const struct elf32_shdr shdrs[] = {
        {.sh_type = 0},
        {.sh_type = SHT_SYMTAB, .sh_offset = 0x2800, .sh_size = 0x300, .sh_link = 2},
        {.sh_type = SHT_STRTAB, .sh_offset = 0x2B00, .sh_size = 0x123},
    };
    const uint32_t note[] = {7, 4, ASCENT_NOTE_TYPE, 0x65637341, 0x0000746E, ASCENT_NOTE_SYMBOLS};

    for (uint32_t i = 0; i < sizeof good_kernel; i++) good_kernel[i] = (uint8_t)(i * 7 + i / 256);
    memcpy(good_kernel, &ehdr, sizeof ehdr);
    memcpy(good_kernel + ehdr.e_phoff, phdrs, sizeof phdrs);
    memcpy(good_kernel + ehdr.e_shoff, shdrs, sizeof shdrs);
    memcpy(good_kernel + 0x300, note, sizeof note);
}

/* Makes of `kernel` a file in LZ4's frame format: one block, as it is, and the sum of the content. */
static inline void pack_kernel(void) {
    static uint8_t frame[sizeof kernel];
    const uint8_t header[] = {0x04, 0x22, 0x4D, 0x18, 0x6C, 0x40};

    if (kernel_bytes > sizeof frame - 27) kernel_bytes = sizeof frame - 27;
    uint32_t size = kernel_bytes | 0x80000000, sum = xxhash32(kernel, kernel_bytes);
    memset(frame, 0, sizeof frame);
    memcpy(frame, header, sizeof header);
    memcpy(frame + 6, &kernel_bytes, 4);
    frame[14] = (uint8_t)(xxhash32(frame + 4, 10) >> 8);
    memcpy(frame + 15, &size, 4);
    memcpy(frame + 19, kernel, kernel_bytes);
    memcpy(frame + 23 + kernel_bytes, &sum, 4);
    memcpy(kernel, frame, sizeof kernel);
    kernel_bytes += 27;
}

#endif
