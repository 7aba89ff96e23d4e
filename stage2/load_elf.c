/*
 * load_elf.c: an ELF file, ours or a Multiboot kernel: what is read of it to be judged, and what is
 * wanted of it. Real mode; 32-bit code judges (pm/elf.c, pm/multiboot.c).
 */
#include "load_elf.h"

#include <ascent/layout.h>

#include "boot.h"
#include "config.h"
#include "console.h"
#include "elf.h"
#include "error.h"
#include "kernel_kind.h"
#include "multiboot.h"
#include "passing.h"
#include "pm.h"
#include "room.h"

#define NOTES_MAX 512 /* bytes of the PT_NOTE segments, taken together, that we look at */

/* Section header `index`, to be judged. */
static enum boot_error read_section(struct fat_file *file, const struct elf32_ehdr *ehdr,
                                    uint32_t index, struct elf32_shdr *shdr) {
    return pass_read_judged(file, ehdr->e_shoff + index * (uint32_t)sizeof(*shdr), shdr,
                            sizeof(*shdr));
}

/*
 * The number of the first section that is a symbol table; e_shnum if there is none. The headers
 * that it passes over are not kept to be compared: if none will do, the disk is asked once more.
 */
static enum boot_error find_symtab(struct fat_file *file, const struct elf32_ehdr *ehdr,
                                   uint32_t *index) {
    static struct elf32_shdr shdr;

    for (int looks = 0; looks < 2; looks++) {
        for (*index = 0; *index < ehdr->e_shnum; (*index)++) {
            uint32_t offset = ehdr->e_shoff + *index * (uint32_t)sizeof(shdr);
            enum boot_error error = pass_read(file, offset, &shdr, sizeof(shdr));
            if (error || shdr.sh_type == SHT_SYMTAB) return error;
        }
        fat_forget();
    }
    return BOOT_OK;
}

/* The symbol table and its strings. `*found` is false if the file has none, or not all of them. */
static enum boot_error find_symbols(struct fat_file *file, const struct elf32_ehdr *ehdr,
                                    struct elf32_shdr *symtab, struct elf32_shdr *strtab,
                                    bool *found) {
    uint32_t index;

    *found = false;
    if (ehdr->e_shentsize != sizeof(*symtab) ||
        !elf_within(ehdr->e_shoff, ehdr->e_shnum * (uint32_t)sizeof(*symtab), file->bytes))
        return BOOT_OK;
    enum boot_error error = find_symtab(file, ehdr, &index);
    if (error || index == ehdr->e_shnum) return error;
    error = read_section(file, ehdr, index, symtab);
    if (error || symtab->sh_link >= ehdr->e_shnum) return error;
    error = read_section(file, ehdr, symtab->sh_link, strtab);
    *found = elf_within(symtab->sh_offset, symtab->sh_size, file->bytes) &&
             elf_within(strtab->sh_offset, strtab->sh_size, file->bytes);
    return error;
}

static enum boot_error add_symbols(struct fat_file *file, const struct elf32_ehdr *ehdr) {
    static struct elf32_shdr symtab, strtab;
    bool found;

    enum boot_error error = find_symbols(file, ehdr, &symtab, &strtab, &found);
    if (error) return error;
    if (!found) {
        print("warning: the kernel wants symbols, but its file has none\n");
        return BOOT_OK;
    }
    boot_info.symtab_bytes = symtab.sh_size;
    boot_info.strtab_bytes = strtab.sh_size;
    boot_info.symtab_phys = room_take(symtab.sh_size, LOADER_MAP_MAX);
    boot_info.strtab_phys = room_take(strtab.sh_size, LOADER_MAP_MAX);
    if (!boot_info.symtab_phys || !boot_info.strtab_phys) return E_NO_ROOM_SYMBOLS;
    pass_want(EXTENT_COPY, symtab.sh_offset, symtab.sh_size, boot_info.symtab_phys);
    pass_want(EXTENT_COPY, strtab.sh_offset, strtab.sh_size, boot_info.strtab_phys);
    return BOOT_OK;
}

static enum boot_error check(void (*pm_check)(void *argument), const struct elf32_ehdr *ehdr,
                             const struct elf32_phdr *phdrs, uint32_t file_bytes) {
    struct elf_request request = {ehdr, phdrs, file_bytes, BOOT_OK};

    pm_call(pm_check, &request);
    return request.error;
}

/* What the kernel's notes ask for. Where they lie was not judged yet. */
static enum boot_error read_notes(struct fat_file *file, const struct elf32_phdr *phdrs,
                                  uint32_t count, struct kernel_note *asked) {
    static uint8_t notes[NOTES_MAX];
    uint32_t used = 0;

    *asked = (struct kernel_note){.found = false};
    for (uint32_t i = 0; i < count; i++) {
        if (phdrs[i].p_type != PT_NOTE || !phdrs[i].p_filesz) continue;
        uint32_t bytes = phdrs[i].p_filesz;
        if (!elf_within(phdrs[i].p_offset, bytes, file->bytes)) continue;
        if (bytes > NOTES_MAX - used) bytes = NOTES_MAX - used;
        enum boot_error error = pass_read_judged(file, phdrs[i].p_offset, notes + used, bytes);
        if (error) return error;
        struct note_request request = {notes + used, bytes, asked};
        pm_call(pm_read_notes, &request);
        used += bytes;
    }
    return BOOT_OK;
}

/* Can we give what the notes ask for? */
static enum boot_error check_notes(const struct kernel_note *asked) {
    uint32_t more = asked->features & ~(uint32_t)ASCENT_FEATURES_KNOWN;

    if (asked->flags & ~(uint32_t)ASCENT_NOTE_KNOWN || asked->words_missing)
        return error_at(E_NOTE_FLAGS, "flags", asked->flags);
    if (asked->version > BOOT_INFO_VERSION)
        return error_at(E_NOTE_VERSION, "version", asked->version);
    if (more) return error_at(E_NOTE_FEATURES, "features", more);
    if ((asked->flags & ASCENT_NOTE_CHECKSUM) && !config.has_kernel_crc32) return E_KERNEL_NO_CRC;
    return BOOT_OK;
}

enum boot_error plan_elf(struct fat_file *file) {
    static struct elf32_ehdr ehdr;
    static struct elf32_phdr phdrs[ELF_MAX_SEGMENTS];
    struct kernel_note asked;

    enum boot_error error =
        pass_read_judged(file, 0, &ehdr, file->bytes < sizeof(ehdr) ? file->bytes : sizeof(ehdr));
    if (!error) error = check(pm_check_header, &ehdr, phdrs, file->bytes);
    if (error) return error;
    error = pass_read_judged(file, ehdr.e_phoff, phdrs, ehdr.e_phnum * (uint32_t)sizeof(phdrs[0]));
    if (!error) error = read_notes(file, phdrs, ehdr.e_phnum, &asked);
    if (error) return error;
    if (asked.found) kernel_kind = KERNEL_ASCENT;
    boot_info.kernel_entry = ehdr.e_entry;
    error = check(kernel_kind == KERNEL_MULTIBOOT ? pm_check_multiboot : pm_check_segments, &ehdr,
                  phdrs, file->bytes);
    if (!error) error = check_notes(&asked);
    if (error) return error;
    room_start(boot_info.kernel_phys_end);

    for (uint32_t i = 0; i < ehdr.e_phnum; i++) {
        if (!elf_is_loaded(&phdrs[i])) continue;
        pass_want(EXTENT_COPY, phdrs[i].p_offset, phdrs[i].p_filesz, phdrs[i].p_paddr);
        pass_zero(phdrs[i].p_paddr + phdrs[i].p_filesz, phdrs[i].p_memsz - phdrs[i].p_filesz);
    }
    return asked.flags & ASCENT_NOTE_SYMBOLS ? add_symbols(file, &ehdr) : BOOT_OK;
}
