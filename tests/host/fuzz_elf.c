/*
 * fuzz_elf.c: any bytes as an ELF kernel: what is accepted lies in usable memory.
 */
#include <stdlib.h>
#include <string.h>

#include <ascent/layout.h>

#include "elf.h"
#include "no_disk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct memory_range memory[] = {{0x1000, 0x9EC00, MEMORY_USABLE, 1},
                                                 {0x100000, 0x1F00000, MEMORY_USABLE, 1}};
    struct elf32_ehdr ehdr = {.e_phoff = 0};
    struct elf32_phdr phdrs[ELF_MAX_SEGMENTS];
    uint32_t phys, end;

    memcpy(&ehdr, data, size < sizeof ehdr ? size : sizeof ehdr);
    if (!elf_check_header(&ehdr, (uint32_t)size)) {
        memcpy(phdrs, data + ehdr.e_phoff, ehdr.e_phnum * sizeof phdrs[0]);
        if (!elf_check_segments(&ehdr, phdrs, (uint32_t)size, memory, 2, &phys, &end) &&
            (phys < LOADER_END || end > 0x2000000))
            abort();
    }
    elf_note_flags(data, (uint32_t)size);
    return 0;
}
