/*
 * load.c: the kernel and the initrd, from the disk to where they belong. Real mode.
 *
 * The disk gives runs of sectors, the BIOS up to 127 of them a call into the bounce buffer below
 * 1 MB; from there 32-bit code (pm/deliver.c) takes each byte to its place. The file is read once,
 * front to back. Where a checksum is to be checked all of it is read, else only what is needed.
 */
#include "load.h"

#include <ascent/layout.h>
#include <stdbool.h>

#include "boot.h"
#include "config.h"
#include "console.h"
#include "disk.h"
#include "elf.h"
#include "error.h"
#include "fat.h"
#include "pm.h"
#include "room.h"

#define NOTES_MAX 256 /* bytes of a PT_NOTE segment that we look at */
#define RUN_SECTORS (16 * BOUNCE_SECTORS) /* whole transfers, where clusters have 16 sectors or less */
#define MAX_EXTENTS (ELF_MAX_SEGMENTS + 2)

static struct extent extents[MAX_EXTENTS];
static uint32_t extent_count;

static void add_extent(uint32_t offset, uint32_t bytes, uint32_t phys) {
    extents[extent_count++] = (struct extent){offset, bytes, phys};
}

/* Does any extent want a byte of the sector at `offset` of the file? */
static bool sector_is_wanted(uint32_t offset) {
    for (uint32_t i = 0; i < extent_count; i++) {
        const struct extent *extent = &extents[i];
        if (extent->bytes && offset / SECTOR_SIZE >= extent->offset / SECTOR_SIZE &&
            offset <= extent->offset + extent->bytes - 1)
            return true;
    }
    return false;
}

/* Reads one run of the file, which starts at `delivery->offset`, and delivers it. */
static enum boot_error load_run(struct fat_run run, uint32_t file_bytes,
                                struct delivery *delivery) {
    while (run.sectors && delivery->offset < file_bytes) {
        uint32_t sectors = 1;
        if (delivery->want_crc || sector_is_wanted(delivery->offset)) {
            sectors = run.sectors < BOUNCE_SECTORS ? run.sectors : BOUNCE_SECTORS;
            enum boot_error error = disk_read_bounce(run.lba, sectors);
            if (error) return error;
            uint32_t left = file_bytes - delivery->offset;
            delivery->bytes = sectors * SECTOR_SIZE < left ? sectors * SECTOR_SIZE : left;
            pm_call(pm_deliver, delivery);
        }
        run.lba += sectors;
        run.sectors -= sectors;
        if (file_bytes - delivery->offset <= sectors * SECTOR_SIZE) break;
        delivery->offset += sectors * SECTOR_SIZE;
    }
    return BOOT_OK;
}

/* Delivers the extents of the file. With `want_crc`, its CRC-32 goes to `*crc`. */
static enum boot_error load_extents(struct fat_file *file, bool want_crc, uint32_t *crc) {
    struct delivery delivery = {
        .source = BOUNCE_ADDR,
        .extents = extents,
        .extent_count = extent_count,
        .want_crc = want_crc,
    };
    struct fat_run run;

    fat_rewind(file);
    for (;;) {
        delivery.offset = file->position;
        enum boot_error error = fat_next_run(file, RUN_SECTORS, &run);
        if (error) return error;
        if (!run.sectors) break;
        error = load_run(run, file->bytes, &delivery);
        if (error) return error;
    }
    *crc = delivery.crc;
    return BOOT_OK;
}

static void zero(uint32_t phys, uint32_t bytes) {
    struct zero_request request = {phys, bytes};

    pm_call(pm_zero, &request);
}

/* The first symbol table of the file and its strings. False: none, or not within the file. */
static bool find_symbols(struct fat_file *file, const struct elf32_ehdr *ehdr,
                         struct elf32_shdr *symtab, struct elf32_shdr *strtab) {
    uint32_t table_bytes = ehdr->e_shnum * (uint32_t)sizeof(*symtab);

    if (ehdr->e_shentsize != sizeof(*symtab) || ehdr->e_shoff > file->bytes ||
        table_bytes > file->bytes - ehdr->e_shoff)
        return false;
    for (uint32_t i = 0; i < ehdr->e_shnum; i++) {
        if (fat_read(file, ehdr->e_shoff + i * sizeof(*symtab), symtab, sizeof(*symtab)))
            return false;
        if (symtab->sh_type != SHT_SYMTAB || symtab->sh_link >= ehdr->e_shnum) continue;
        if (fat_read(file, ehdr->e_shoff + symtab->sh_link * sizeof(*strtab), strtab,
                     sizeof(*strtab)))
            return false;
        return symtab->sh_offset <= file->bytes &&
               symtab->sh_size <= file->bytes - symtab->sh_offset &&
               strtab->sh_offset <= file->bytes &&
               strtab->sh_size <= file->bytes - strtab->sh_offset;
    }
    return false;
}

static enum boot_error add_symbols(struct fat_file *file, const struct elf32_ehdr *ehdr) {
    struct elf32_shdr symtab, strtab;

    if (!find_symbols(file, ehdr, &symtab, &strtab)) {
        print("warning: the kernel wants symbols, but its file has none\n");
        return BOOT_OK;
    }
    boot_info.symtab_bytes = symtab.sh_size;
    boot_info.strtab_bytes = strtab.sh_size;
    boot_info.symtab_phys = room_take(symtab.sh_size, LOADER_MAP_MAX);
    boot_info.strtab_phys = room_take(strtab.sh_size, LOADER_MAP_MAX);
    if (!boot_info.symtab_phys || !boot_info.strtab_phys) return E_NO_ROOM_SYMBOLS;
    add_extent(symtab.sh_offset, symtab.sh_size, boot_info.symtab_phys);
    add_extent(strtab.sh_offset, strtab.sh_size, boot_info.strtab_phys);
    return BOOT_OK;
}

/* What the kernel's note asks for. A note that cannot be read asks for nothing. */
static uint32_t note_flags(struct fat_file *file, const struct elf32_phdr *phdr) {
    static uint8_t notes[NOTES_MAX];
    uint32_t bytes = phdr->p_filesz < NOTES_MAX ? phdr->p_filesz : NOTES_MAX;

    if (phdr->p_type != PT_NOTE || phdr->p_offset > file->bytes ||
        bytes > file->bytes - phdr->p_offset)
        return 0;
    return fat_read(file, phdr->p_offset, notes, bytes) ? 0 : elf_note_flags(notes, bytes);
}

enum boot_error load_kernel(const char *path) {
    static struct elf32_ehdr ehdr;
    static struct elf32_phdr phdrs[ELF_MAX_SEGMENTS];
    struct fat_file file;
    uint32_t flags = 0, crc;

    enum boot_error error = fat_open(path, &file);
    if (error) return error;
    error = fat_read(&file, 0, &ehdr, file.bytes < sizeof(ehdr) ? file.bytes : sizeof(ehdr));
    if (!error) error = elf_check_header(&ehdr, file.bytes);
    if (error) return error;
    error = fat_read(&file, ehdr.e_phoff, phdrs, ehdr.e_phnum * sizeof(phdrs[0]));
    if (!error)
        error = elf_check_segments(&ehdr, phdrs, file.bytes, memory_map, boot_info.map_count,
                                   &boot_info.kernel_phys, &boot_info.kernel_phys_end);
    if (error) return error;
    boot_info.kernel_entry = ehdr.e_entry;
    room_start(boot_info.kernel_phys_end);

    for (uint32_t i = 0; i < ehdr.e_phnum; i++) {
        flags |= note_flags(&file, &phdrs[i]);
        if (phdrs[i].p_type != PT_LOAD) continue;
        add_extent(phdrs[i].p_offset, phdrs[i].p_filesz, phdrs[i].p_paddr);
        zero(phdrs[i].p_paddr + phdrs[i].p_filesz, phdrs[i].p_memsz - phdrs[i].p_filesz);
    }
    if (flags & ASCENT_NOTE_SYMBOLS) error = add_symbols(&file, &ehdr);
    if (error) return error;

    print("kernel: %s, %k KB to %08x\n", path, file.bytes, boot_info.kernel_phys);
    error = load_extents(&file, config.has_kernel_crc32, &crc);
    if (!error && config.has_kernel_crc32 && crc != config.kernel_crc32) error = E_KERNEL_CRC;
    return error;
}

enum boot_error load_initrd(const char *path) {
    struct fat_file file;
    uint32_t crc;

    enum boot_error error = fat_open(path, &file);
    if (error) return error;
    boot_info.initrd_bytes = file.bytes;
    boot_info.initrd_phys = room_take(file.bytes, UINT32_MAX);
    if (!boot_info.initrd_phys) return error_at(E_NO_ROOM_INITRD, "bytes", file.bytes);
    extent_count = 0;
    add_extent(0, file.bytes, boot_info.initrd_phys);

    print("initrd: %s, %k KB to %08x\n", path, file.bytes, boot_info.initrd_phys);
    error = load_extents(&file, config.has_initrd_crc32, &crc);
    if (!error && config.has_initrd_crc32 && crc != config.initrd_crc32) error = E_INITRD_CRC;
    return error;
}
