/*
 * multiboot.c: is this a Multiboot kernel that we can load, and where does it go? 32-bit code, without
 * hardware. Contracts in multiboot.h.
 */
#include "multiboot.h"

#include <ascent/layout.h>
#include <stdbool.h>

#include "boot.h"
#include "elf.h"
#include "error.h"
#include "kernel_kind.h"
#include "map.h"
#include "pm.h"

#define ADDRESS_SPACE (1ull << 32)

const struct multiboot_header *multiboot_find(const uint8_t *head, uint32_t bytes) {
    const struct multiboot_header *damaged = 0;

    for (uint32_t at = 0; at + MULTIBOOT_HEADER_SHORT <= bytes; at += MULTIBOOT_ALIGN) {
        const struct multiboot_header *header = (const void *)(head + at);
        if (header->magic != MULTIBOOT_MAGIC) continue;
        if (header->magic + header->flags + header->checksum == 0) return header;
        if (!damaged) damaged = header;
    }
    return damaged;
}

/*
 * A video mode is a wish (§3.1.4), and what it has got the kernel reads in framebuffer_type. But who
 * asks for a graphics mode draws pixels, and we have 80 by 25 characters: it is told now, by name.
 */
enum boot_error multiboot_check_header(const struct multiboot_header *header, uint32_t bytes) {
    uint32_t unknown = header->flags & MULTIBOOT_REQUIRED & ~MULTIBOOT_KNOWN;

    if (header->magic + header->flags + header->checksum)
        return error_at(E_MULTIBOOT_CHECKSUM, "checksum", header->checksum);
    if (unknown) return error_at(E_MULTIBOOT_FLAGS, "flags", unknown);
    if (header->flags & MULTIBOOT_WANTS_AOUT) return E_MULTIBOOT_AOUT;
    if (!(header->flags & MULTIBOOT_WANTS_VIDEO)) return BOOT_OK;
    if (bytes < sizeof(*header)) return E_MULTIBOOT_SHORT;
    if (header->mode_type != MULTIBOOT_MODE_TEXT)
        return error_at(E_MULTIBOOT_VIDEO, "type", header->mode_type);
    return BOOT_OK;
}

static uint64_t end_of(const struct elf32_phdr *phdr) {
    return (uint64_t)phdr->p_paddr + phdr->p_memsz;
}

/* Of one segment that is loaded: p_vaddr is the kernel's own business, as there is no paging yet. */
static enum boot_error check_segment(const struct elf32_phdr *phdr, uint32_t file_bytes) {
    if (!elf_within(phdr->p_offset, phdr->p_filesz, file_bytes)) return E_SEGMENT_FILE;
    if (phdr->p_filesz > phdr->p_memsz) return E_SEGMENT_FILESZ;
    if (end_of(phdr) > ADDRESS_SPACE) return E_SEGMENT_WRAP;
    if (phdr->p_paddr < LOADER_END) return E_SEGMENT_LOADER;
    if (!map_usable(memory_map, boot_info.map_count, phdr->p_paddr, phdr->p_memsz))
        return E_SEGMENT_RAM;
    return BOOT_OK;
}

static bool overlaps_one_before(const struct elf32_phdr *phdrs, uint32_t index) {
    const struct elf32_phdr *phdr = &phdrs[index];

    for (uint32_t i = 0; i < index; i++)
        if (elf_is_loaded(&phdrs[i]) && phdr->p_paddr < end_of(&phdrs[i]) &&
            phdrs[i].p_paddr < end_of(phdr))
            return true;
    return false;
}

static enum boot_error check_segments(const struct elf_request *request) {
    uint64_t start = ADDRESS_SPACE, end = 0;

    for (uint32_t i = 0; i < request->ehdr->e_phnum; i++) {
        const struct elf32_phdr *phdr = &request->phdrs[i];
        if (!elf_is_loaded(phdr)) continue;
        enum boot_error error = check_segment(phdr, request->file_bytes);
        if (!error && overlaps_one_before(request->phdrs, i)) error = E_SEGMENT_OVERLAP;
        if (error) return error_at(error, "segment", i);
        if (phdr->p_paddr < start) start = phdr->p_paddr;
        if (end_of(phdr) > end) end = end_of(phdr);
    }
    if (!end || end == ADDRESS_SPACE) return E_KERNEL_NO_LOAD;
    boot_info.kernel_phys = (uint32_t)start;
    boot_info.kernel_phys_end = (uint32_t)end;
    return BOOT_OK;
}

/*
 * e_entry is an address as the kernel was linked; but paging is off, and so Xen and xv6 give a physical
 * one. The segment that holds it says which it is. False if none does.
 */
static bool find_entry(const struct elf_request *request) {
    uint32_t entry = request->ehdr->e_entry;

    for (int physical = 0; physical < 2; physical++)
        for (uint32_t i = 0; i < request->ehdr->e_phnum; i++) {
            const struct elf32_phdr *phdr = &request->phdrs[i];
            uint32_t offset = entry - (physical ? phdr->p_paddr : phdr->p_vaddr);
            if (!elf_is_loaded(phdr) || offset >= phdr->p_filesz) continue;
            boot_info.kernel_entry = phdr->p_paddr + offset;
            return true;
        }
    return false;
}

void pm_check_multiboot(void *argument) {
    struct elf_request *request = argument;
    const uint8_t *head = (const uint8_t *)HANDOFF_ADDR;
    uint32_t bytes = request->file_bytes < KERNEL_HEAD_MAX ? request->file_bytes : KERNEL_HEAD_MAX;
    const struct multiboot_header *header = multiboot_find(head, bytes);

    request->error = E_MULTIBOOT_SHORT; /* not even the twelve bytes that kernel_kind.c has found */
    if (!header) return;
    uint32_t offset = (uint32_t)((const uint8_t *)header - head);
    request->error = multiboot_check_header(header, bytes - offset);
    if (!request->error) request->error = check_segments(request);
    if (!request->error && !find_entry(request))
        request->error = error_at(E_MULTIBOOT_ENTRY, "entry", request->ehdr->e_entry);
}
