/*
 * elf.c: is this a kernel that we can load, and where does it go? 32-bit code, which has more room;
 * load.c calls it through pm_call().
 *
 * Every field that is used is checked first, each with an error of its own, so that whoever built
 * a kernel by hand learns which one is wrong.
 */
#include <ascent/layout.h>
#include <stdbool.h>

#include "boot.h"
#include "bytes.h"
#include "elf.h"
#include "error.h"
#include "map.h"
#include "pm.h"

#define ADDRESS_SPACE (1ull << 32)
#define NOTE_WORDS 3

enum boot_error elf_check_header(const struct elf32_ehdr *ehdr, uint32_t file_bytes) {
    const uint8_t *ident = ehdr->e_ident;

    if (file_bytes < EI_NIDENT || !same_bytes(ident, "\177ELF", 4)) return E_KERNEL_NOT_ELF;
    if (ident[EI_CLASS] != ELFCLASS32) return error_at(E_KERNEL_CLASS, "class", ident[EI_CLASS]);
    if (ident[EI_DATA] != ELFDATA2LSB) return error_at(E_KERNEL_ENDIAN, "data", ident[EI_DATA]);
    if (file_bytes < sizeof(*ehdr)) return error_at(E_KERNEL_TRUNCATED, "bytes", file_bytes);
    if (ident[EI_VERSION] != EV_CURRENT || ehdr->e_version != EV_CURRENT)
        return error_at(E_KERNEL_VERSION, "version", ehdr->e_version);
    if (ehdr->e_type != ET_EXEC) return error_at(E_KERNEL_TYPE, "type", ehdr->e_type);
    if (ehdr->e_machine != EM_386) return error_at(E_KERNEL_MACHINE, "machine", ehdr->e_machine);
    if (ehdr->e_phentsize != sizeof(struct elf32_phdr) || ehdr->e_ehsize != sizeof(*ehdr))
        return error_at(E_KERNEL_PHENTSIZE, "size", ehdr->e_phentsize);
    if (ehdr->e_phnum == 0 || ehdr->e_phnum > ELF_MAX_SEGMENTS)
        return error_at(E_KERNEL_PHNUM, "number", ehdr->e_phnum);
    uint32_t table_bytes = ehdr->e_phnum * (uint32_t)sizeof(struct elf32_phdr);
    if (!elf_within(ehdr->e_phoff, table_bytes, file_bytes))
        return error_at(E_KERNEL_PHOFF, "offset", ehdr->e_phoff);
    return BOOT_OK;
}

/* lab 6: begin */
/* The end of a range that may end at 4 GB exactly: no wrap-around in 64 bits. */
static uint64_t end_of(uint32_t start, uint32_t bytes) {
    return (uint64_t)start + bytes;
}

static bool overlap(const struct elf32_phdr *a, const struct elf32_phdr *b) {
    return a->p_paddr < end_of(b->p_paddr, b->p_memsz) &&
           b->p_paddr < end_of(a->p_paddr, a->p_memsz);
}

/* What can be said of one PT_LOAD segment alone. */
static enum boot_error check_segment(const struct elf32_phdr *phdr, uint32_t file_bytes,
                                     const struct memory_range *map, uint32_t map_count) {
    if (!elf_within(phdr->p_offset, phdr->p_filesz, file_bytes)) return E_SEGMENT_FILE;
    if (phdr->p_filesz > phdr->p_memsz) return E_SEGMENT_FILESZ;
    if (!phdr->p_memsz) return BOOT_OK; /* nothing is loaded, so its addresses mean nothing */
    if (end_of(phdr->p_paddr, phdr->p_memsz) > ADDRESS_SPACE ||
        end_of(phdr->p_vaddr, phdr->p_memsz) > ADDRESS_SPACE)
        return E_SEGMENT_WRAP;
    if (phdr->p_paddr < LOADER_END) return E_SEGMENT_LOADER;
    if (!map_usable(map, map_count, phdr->p_paddr, phdr->p_memsz)) return E_SEGMENT_RAM;
    if (phdr->p_vaddr < PAGE_OFFSET || phdr->p_vaddr - PAGE_OFFSET != phdr->p_paddr)
        return E_SEGMENT_VADDR;
    return BOOT_OK;
}

/* The entry point is virtual, so it is compared with p_vaddr. */
static bool holds_entry(const struct elf32_phdr *phdr, uint32_t entry) {
    return (phdr->p_flags & PF_X) && entry >= phdr->p_vaddr &&
           entry - phdr->p_vaddr < phdr->p_filesz;
}

enum boot_error elf_check_segments(const struct elf32_ehdr *ehdr, const struct elf32_phdr *phdrs,
                                   uint32_t file_bytes, const struct memory_range *map,
                                   uint32_t map_count, uint32_t *phys, uint32_t *phys_end) {
    bool entry_found = false;

    *phys = UINT32_MAX;
    *phys_end = 0;
    for (uint32_t i = 0; i < ehdr->e_phnum; i++) {
        const struct elf32_phdr *phdr = &phdrs[i];
        if (phdr->p_type == PT_NOTE && !elf_within(phdr->p_offset, phdr->p_filesz, file_bytes))
            return error_at(E_SEGMENT_FILE, "segment", i);
        if (phdr->p_type != PT_LOAD) continue;
        enum boot_error error = check_segment(phdr, file_bytes, map, map_count);
        if (error) return error_at(error, "segment", i);
        if (!elf_is_loaded(phdr)) continue;
        for (uint32_t j = 0; j < i; j++)
            if (elf_is_loaded(&phdrs[j]) && overlap(phdr, &phdrs[j]))
                return error_at(E_SEGMENT_OVERLAP, "segment", i);
        if (phdr->p_paddr < *phys) *phys = phdr->p_paddr;
        /* p_vaddr ends at 4 GB at most, so this at 1 GB: it fits */
        uint32_t end = (uint32_t)end_of(phdr->p_paddr, phdr->p_memsz);
        if (end > *phys_end) *phys_end = end;
        if (holds_entry(phdr, ehdr->e_entry)) entry_found = true;
    }
    if (!*phys_end) return E_KERNEL_NO_LOAD;
    if (!entry_found) return error_at(E_ENTRY, "entry", ehdr->e_entry);
    return BOOT_OK;
}
/* lab 6: end */

/* ELF §2-4: sizes of name and descriptor, a type, then both, each padded to 4 bytes. */
struct elf32_note {
    uint32_t namesz;
    uint32_t descsz;
    uint32_t type;
};

static uint64_t padded(uint32_t bytes) {
    return ((uint64_t)bytes + 3) & ~(uint64_t)3;
}

/* Version and features are words that a note of version 1 may not have. */
static void add_note(const uint8_t *words, uint32_t bytes, struct kernel_note *asked) {
    uint32_t word[NOTE_WORDS] = {0};

    asked->found = true;
    copy_bytes(word, words, bytes < sizeof(word) ? bytes : sizeof(word));
    asked->flags |= word[0];
    if (!(word[0] & ASCENT_NOTE_REQUIRES)) return;
    if (bytes < sizeof(word)) asked->words_missing = true;
    if (word[1] > asked->version) asked->version = word[1];
    asked->features |= word[2];
}

void elf_read_notes(const void *notes, uint32_t bytes, struct kernel_note *asked) {
    const uint8_t *at = notes;

    while (bytes >= sizeof(struct elf32_note)) {
        struct elf32_note note;
        copy_bytes(&note, at, sizeof(note));
        uint64_t length = sizeof(note) + padded(note.namesz) + padded(note.descsz);
        if (length > bytes) break;
        if (note.type == ASCENT_NOTE_TYPE && note.namesz == sizeof(ASCENT_NOTE_NAME) &&
            note.descsz >= sizeof(uint32_t) &&
            same_bytes(at + sizeof(note), ASCENT_NOTE_NAME, sizeof(ASCENT_NOTE_NAME)))
            add_note(at + sizeof(note) + padded(note.namesz), note.descsz, asked);
        at += length;
        bytes -= (uint32_t)length;
    }
}

void pm_check_header(void *argument) {
    struct elf_request *request = argument;

    request->error = elf_check_header(request->ehdr, request->file_bytes);
}

void pm_check_segments(void *argument) {
    struct elf_request *request = argument;

    request->error = elf_check_segments(request->ehdr, request->phdrs, request->file_bytes,
                                        memory_map, boot_info.map_count, &boot_info.kernel_phys,
                                        &boot_info.kernel_phys_end);
}

void pm_read_notes(void *argument) {
    const struct note_request *request = argument;

    elf_read_notes(request->notes, request->bytes, request->asked);
}
