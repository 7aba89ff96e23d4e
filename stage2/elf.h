/*
 * elf.h: the parts of an ELF32 file that the loader uses (ELF specification 1.2, book I), and the
 * checks that stand between a damaged kernel and the jump to it. No hardware, no disk: the host
 * tests and a fuzzer run this code as it is.
 */
#ifndef STAGE2_ELF_H
#define STAGE2_ELF_H

#include <ascent/boot_info.h>
#include <ascent/errors.h>
#include <stdbool.h>
#include <stdint.h>

#define ELF_MAX_SEGMENTS 32

enum {
    EI_CLASS = 4,
    EI_DATA = 5,
    EI_VERSION = 6,
    EI_NIDENT = 16,
    ELFCLASS32 = 1,
    ELFDATA2LSB = 1,
    EV_CURRENT = 1,
    ET_EXEC = 2,
    EM_386 = 3,
    PT_LOAD = 1,
    PT_NOTE = 4,
    PF_X = 1,
    SHT_SYMTAB = 2,
    SHT_STRTAB = 3,
};

struct elf32_ehdr {
    uint8_t e_ident[EI_NIDENT];
    uint16_t e_type;
    uint16_t e_machine;
    uint32_t e_version;
    uint32_t e_entry;
    uint32_t e_phoff;
    uint32_t e_shoff;
    uint32_t e_flags;
    uint16_t e_ehsize;
    uint16_t e_phentsize;
    uint16_t e_phnum;
    uint16_t e_shentsize;
    uint16_t e_shnum;
    uint16_t e_shstrndx;
};

struct elf32_phdr {
    uint32_t p_type;
    uint32_t p_offset;
    uint32_t p_vaddr;
    uint32_t p_paddr;
    uint32_t p_filesz;
    uint32_t p_memsz;
    uint32_t p_flags;
    uint32_t p_align;
};

struct elf32_shdr {
    uint32_t sh_name;
    uint32_t sh_type;
    uint32_t sh_flags;
    uint32_t sh_addr;
    uint32_t sh_offset;
    uint32_t sh_size;
    uint32_t sh_link;
    uint32_t sh_info;
    uint32_t sh_addralign;
    uint32_t sh_entsize;
};

/* Is there anything of this segment in memory? */
static inline bool elf_is_loaded(const struct elf32_phdr *phdr) {
    return phdr->p_type == PT_LOAD && phdr->p_memsz;
}

/*
 * Checks the header of a file of `file_bytes` bytes. Returns BOOT_OK, or the error of the first
 * field that is wrong: E_KERNEL_TRUNCATED, E_KERNEL_NOT_ELF, E_KERNEL_CLASS, ..., E_KERNEL_PHOFF.
 */
enum boot_error elf_check_header(const struct elf32_ehdr *ehdr, uint32_t file_bytes);

/*
 * Checks the PT_LOAD segments: within the file, in usable RAM of the sanitised map, clear of the
 * loader and of each other, linked at PAGE_OFFSET + p_paddr; and that the entry point lies in an
 * executable one. Stores the physical range of the kernel. Returns BOOT_OK or the first error,
 * with the index of the program header as detail.
 */
enum boot_error elf_check_segments(const struct elf32_ehdr *ehdr, const struct elf32_phdr *phdrs,
                                   uint32_t file_bytes, const struct memory_range *map,
                                   uint32_t map_count, uint32_t *phys, uint32_t *phys_end);

/* What all "Ascent" notes (boot_info.h) of a file ask for, taken together. */
struct kernel_note {
    bool found;         /* is there one? */
    bool words_missing; /* one says that it has words which are not there */
    uint32_t flags;
    uint32_t version; /* of boot_info, the highest that is asked for */
    uint32_t features;
};

/* Adds those in `bytes` of a PT_NOTE segment to `asked`. */
void elf_read_notes(const void *notes, uint32_t bytes, struct kernel_note *asked);

/*
 * Does [offset, offset + bytes) lie within a file of `file_bytes` bytes? Nothing does anywhere: GRUB
 * and Linux do not look at p_offset where p_filesz is 0.
 */
static inline bool elf_within(uint32_t offset, uint32_t bytes, uint32_t file_bytes) {
    return !bytes || (offset <= file_bytes && bytes <= file_bytes - offset);
}

#endif
