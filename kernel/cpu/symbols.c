/*
 * symbols.c: names for addresses. The table is the ELF file's own (ELF §1-18); it is not sorted,
 * and as a fault is the only reader, it is searched from end to end.
 */
#include <ascent/layout.h>
#include <boot/boot.h>
#include <cpu/fixup.h>
#include <cpu/symbols.h>
#include <mm/image.h>

#define STT_NOTYPE 0 /* labels of assembly */
#define STT_FUNC 2

struct elf32_sym {
    uint32_t st_name;
    uint32_t st_value;
    uint32_t st_size;
    uint8_t st_info;
    uint8_t st_other;
    uint16_t st_shndx;
};

static bool names_code(const struct elf32_sym *symbol) {
    uint8_t type = symbol->st_info & 15;

    return (type == STT_FUNC || type == STT_NOTYPE) &&
           symbol->st_value >= (uint32_t)__text_start && symbol->st_name < boot_info.strtab_bytes;
}

/* Reports ask for names when anything may be damaged, boot_info too. */
static bool can_read(const void *start, uint32_t bytes) {
    uint8_t byte;

    for (uint32_t at = 0; at < bytes; at += PAGE_SIZE)
        if (try_copy(&byte, (const uint8_t *)start + at, 1)) return false;
    return bytes && try_copy(&byte, (const uint8_t *)start + bytes - 1, 1) == 0;
}

const char *symbol_find(uint32_t address, uint32_t *offset) {
    const struct elf32_sym *symbols = (const void *)(PAGE_OFFSET + boot_info.symtab_phys);
    const char *strings = (const char *)(PAGE_OFFSET + boot_info.strtab_phys);
    const struct elf32_sym *best = 0;

    if (address < (uint32_t)__text_start || address >= (uint32_t)__text_end) return 0;
    /* A string table ends with a NUL (ELF §1-17), so that no name runs on behind it. */
    if (!can_read(symbols, boot_info.symtab_bytes) || !can_read(strings, boot_info.strtab_bytes) ||
        strings[boot_info.strtab_bytes - 1])
        return 0;
    for (uint32_t i = 0; i < boot_info.symtab_bytes / sizeof(*symbols); i++) {
        const struct elf32_sym *symbol = &symbols[i];
        if (!names_code(symbol) || symbol->st_value > address || !strings[symbol->st_name]) continue;
        /* Of two names for one address, the function; the linker's __text_start is a label. */
        if (!best || symbol->st_value > best->st_value ||
            (symbol->st_value == best->st_value && (symbol->st_info & 15) == STT_FUNC))
            best = symbol;
    }
    if (!best) return 0;
    *offset = address - best->st_value;
    return strings + best->st_name;
}
