/*
 * test_elf.c: the checks of an ELF kernel: each field wrong by itself, and random damage.
 */
#include "cmocka_test.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <ascent/layout.h>

#include "elf.h"
#include "no_disk.h"

#define FILE_BYTES 0x10000

static const struct memory_range memory[] = {
    {0x1000, 0x9EC00, MEMORY_USABLE, 1},
    {0x100000, 0x1F00000, MEMORY_USABLE, 1},
};

static struct elf32_ehdr good_header(void) {
    return (struct elf32_ehdr){
        .e_ident = {0x7F, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC, .e_machine = EM_386, .e_version = EV_CURRENT,
        .e_entry = 0xC0100010, .e_phoff = 52, .e_ehsize = 52, .e_phentsize = 32, .e_phnum = 2,
    };
}

static struct elf32_phdr good_segment(uint32_t paddr) {
    return (struct elf32_phdr){PT_LOAD, 0x1000, PAGE_OFFSET + paddr, paddr, 0x1000, 0x2000, 5, 0x1000};
}

static void header(void **state) {
    (void)state;
    struct elf32_ehdr ehdr = good_header();
    assert_int_equal(elf_check_header(&ehdr, FILE_BYTES), BOOT_OK);
    assert_int_equal(elf_check_header(&ehdr, 10), E_KERNEL_NOT_ELF);
    assert_int_equal(elf_check_header(&ehdr, 51), E_KERNEL_TRUNCATED);
    assert_int_equal(elf_check_header(&ehdr, 52 + 63), E_KERNEL_PHOFF);
#define WRONG(field, value, error)                              \
    ehdr = good_header();                                       \
    ehdr.field = (value);                                       \
    assert_int_equal(elf_check_header(&ehdr, FILE_BYTES), error)
    WRONG(e_ident[0], 0, E_KERNEL_NOT_ELF);
    WRONG(e_ident[EI_CLASS], 2, E_KERNEL_CLASS);
    WRONG(e_ident[EI_DATA], 2, E_KERNEL_ENDIAN);
    WRONG(e_ident[EI_VERSION], 0, E_KERNEL_VERSION);
    WRONG(e_version, 2, E_KERNEL_VERSION);
    WRONG(e_type, 3, E_KERNEL_TYPE);
    WRONG(e_machine, 62, E_KERNEL_MACHINE);
    WRONG(e_phentsize, 56, E_KERNEL_PHENTSIZE);
    WRONG(e_ehsize, 64, E_KERNEL_PHENTSIZE);
    WRONG(e_phnum, 0, E_KERNEL_PHNUM);
    WRONG(e_phnum, 0xFFFF, E_KERNEL_PHNUM);
    WRONG(e_phoff, FILE_BYTES - 63, E_KERNEL_PHOFF);
    WRONG(e_phoff, UINT32_MAX, E_KERNEL_PHOFF);
}

static enum boot_error check(const struct elf32_ehdr *ehdr, const struct elf32_phdr *phdrs) {
    uint32_t phys, end;
    enum boot_error error =
        elf_check_segments(ehdr, phdrs, FILE_BYTES, memory, 2, &phys, &end);
    if (!error) assert_true(phys >= LOADER_END && phys < end && end <= 0x2000000);
    return error;
}

static void segments(void **state) {
    (void)state;
    const struct elf32_ehdr ehdr = good_header();
    struct elf32_phdr phdrs[2];
#define FIRST(field, value, error)                                                \
    phdrs[0] = good_segment(0x100000), phdrs[1] = good_segment(0x102000);         \
    phdrs[0].field = (value);                                                     \
    assert_int_equal(check(&ehdr, phdrs), error)
    FIRST(p_flags, 5, BOOT_OK);
    FIRST(p_offset, FILE_BYTES, E_SEGMENT_FILE);
    FIRST(p_offset, UINT32_MAX, E_SEGMENT_FILE);
    FIRST(p_filesz, FILE_BYTES, E_SEGMENT_FILE);
    FIRST(p_filesz, 0x2001, E_SEGMENT_FILESZ);
    FIRST(p_memsz, 0, E_SEGMENT_FILESZ); /* p_filesz bytes would be delivered all the same */
    FIRST(p_memsz, 0xFFFFFFFF, E_SEGMENT_WRAP);
    FIRST(p_memsz, 0x2001, E_SEGMENT_OVERLAP);
    FIRST(p_memsz, 0x3000000, E_SEGMENT_RAM);
    FIRST(p_paddr, 0x9F000, E_SEGMENT_RAM);
    FIRST(p_paddr, 0x8000, E_SEGMENT_LOADER);
    FIRST(p_vaddr, 0x100000, E_SEGMENT_VADDR);
    FIRST(p_flags, 6, E_ENTRY);
    FIRST(p_type, PT_NOTE, E_ENTRY);
    phdrs[0].p_type = phdrs[1].p_type = PT_NOTE;
    assert_int_equal(check(&ehdr, phdrs), E_KERNEL_NO_LOAD);
}

/* Nothing of it is in memory, so its addresses do not matter; nor does its place in the file. */
static void empty_segments(void **state) {
    (void)state;
    const struct elf32_ehdr ehdr = good_header();
    struct elf32_phdr phdrs[2] = {good_segment(0x100000), {.p_type = PT_LOAD, .p_paddr = 7}};
    assert_int_equal(check(&ehdr, phdrs), BOOT_OK);
    phdrs[1].p_offset = FILE_BYTES + 1;
    assert_int_equal(check(&ehdr, phdrs), BOOT_OK);
    phdrs[1] = good_segment(0x102000);
    phdrs[1].p_offset = UINT32_MAX, phdrs[1].p_filesz = 0; /* only .bss */
    assert_int_equal(check(&ehdr, phdrs), BOOT_OK);
    phdrs[1].p_filesz = 1;
    assert_int_equal(check(&ehdr, phdrs), E_SEGMENT_FILE);
}

static void note_outside_the_file(void **state) {
    (void)state;
    const struct elf32_ehdr ehdr = good_header();
    struct elf32_phdr phdrs[2] = {good_segment(0x100000), {.p_type = PT_NOTE, .p_filesz = 24}};
    assert_int_equal(check(&ehdr, phdrs), BOOT_OK);
    phdrs[1].p_offset = FILE_BYTES - 23;
    assert_int_equal(check(&ehdr, phdrs), E_SEGMENT_FILE);
}

/* p_vaddr + p_memsz = 4 GB, which is 0 in 32 bits: legal. And one byte more. */
static void end_of_the_address_space(void **state) {
    (void)state;
    static const struct memory_range large[] = {{0x100000, 0xFFF00000, MEMORY_USABLE, 1}};
    struct elf32_ehdr ehdr = good_header();
    struct elf32_phdr phdrs[2] = {good_segment(0x100000), good_segment(0x3FFFE000)};
    uint32_t phys, end;

    assert_int_equal(elf_check_segments(&ehdr, phdrs, FILE_BYTES, large, 1, &phys, &end), BOOT_OK);
    assert_int_equal(end, 0x40000000);
    phdrs[1].p_memsz++;
    assert_int_equal(elf_check_segments(&ehdr, phdrs, FILE_BYTES, large, 1, &phys, &end),
                     E_SEGMENT_WRAP);
    /* the same physically: not an overflow, but not linked there */
    phdrs[1] = good_segment(0xFFFFE000);
    phdrs[1].p_vaddr = 0xD0000000;
    assert_int_equal(elf_check_segments(&ehdr, phdrs, FILE_BYTES, large, 1, &phys, &end),
                     E_SEGMENT_VADDR);
    phdrs[1] = good_segment(0x3FFFE000); /* both end there: they overlap */
    phdrs[0] = good_segment(0x3FFFF000);
    phdrs[0].p_memsz = phdrs[0].p_filesz = 0x1000;
    assert_int_equal(elf_check_segments(&ehdr, phdrs, FILE_BYTES, large, 1, &phys, &end),
                     E_SEGMENT_OVERLAP);
}

static void entry_at_the_borders(void **state) {
    (void)state;
    struct elf32_ehdr ehdr = good_header();
    const struct elf32_phdr phdrs[2] = {good_segment(0x100000), good_segment(0x102000)};
    const struct { uint32_t entry; enum boot_error error; } cases[] = {
        {0xC0100000, BOOT_OK}, {0xC0100FFF, BOOT_OK}, {0xC0101000, E_ENTRY},
        {0xC00FFFFF, E_ENTRY}, {0x100000, E_ENTRY},   {0xC0102000, BOOT_OK}, {0, E_ENTRY},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ehdr.e_entry = cases[i].entry;
        assert_int_equal(check(&ehdr, phdrs), cases[i].error);
    }
}

struct note {
    uint32_t words[3];
    char name[8];
    uint32_t flags, version, features;
};

/* What notes of `bytes` in all ask for. */
static struct kernel_note read_notes(const void *all, uint32_t bytes) {
    struct kernel_note asked = {.found = false};

    elf_read_notes(all, bytes, &asked);
    return asked;
}

/* A note of version 1, of one word. */
static void notes(void **state) {
    (void)state;
    struct note note = {{7, 4, ASCENT_NOTE_TYPE}, "Ascent", ASCENT_NOTE_SYMBOLS, 0, 0};
    const uint32_t bytes = offsetof(struct note, version);
    assert_true(read_notes(&note, bytes).found);
    assert_int_equal(read_notes(&note, bytes).flags, ASCENT_NOTE_SYMBOLS);
    assert_false(read_notes(&note, bytes - 1).found);
    uint8_t two[2 * bytes]; /* both count */
    memcpy(two, &note, bytes);
    note.flags = ASCENT_NOTE_CHECKSUM;
    memcpy(two + bytes, &note, bytes);
    assert_int_equal(read_notes(two, 2 * bytes).flags, ASCENT_NOTE_SYMBOLS | ASCENT_NOTE_CHECKSUM);
    note.flags = 0; /* asks for nothing, and is one of ours all the same */
    assert_true(read_notes(&note, bytes).found);
    note.words[2] = 5;
    assert_false(read_notes(&note, bytes).found);
    note.words[2] = ASCENT_NOTE_TYPE;
    note.words[0] = UINT32_MAX;
    assert_false(read_notes(&note, bytes).found);
}

/* Version and features count only where the flag says that they are there. */
static void notes_of_three_words(void **state) {
    (void)state;
    struct note pair[2] = {{{7, 12, ASCENT_NOTE_TYPE}, "Ascent", ASCENT_NOTE_REQUIRES, 7, 0x10},
                           {{7, 12, ASCENT_NOTE_TYPE}, "Ascent", ASCENT_NOTE_REQUIRES, 5, 0x02}};
    struct kernel_note asked = read_notes(pair, sizeof pair);
    assert_int_equal(asked.flags, ASCENT_NOTE_REQUIRES);
    assert_int_equal(asked.version, 7);
    assert_int_equal(asked.features, 0x12);
    assert_false(asked.words_missing);
    pair[0].flags = 0; /* what follows is not looked at, as ever */
    asked = read_notes(pair, sizeof pair);
    assert_int_equal(asked.version, 5);
    assert_int_equal(asked.features, 0x02);
    for (uint32_t words = 1; words < 3; words++) { /* the note ends too early; so does the file */
        pair[1].words[1] = words * 4;
        asked = read_notes(&pair[1], offsetof(struct note, flags) + words * 4);
        assert_true(asked.found && asked.words_missing);
    }
    pair[1].words[1] = 16; /* longer than we know */
    uint8_t long_note[sizeof pair[1] + 4] = {0};
    memcpy(long_note, &pair[1], sizeof pair[1]);
    asked = read_notes(long_note, sizeof long_note);
    assert_true(asked.found && !asked.words_missing && asked.version == 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header),
        cmocka_unit_test(segments),
        cmocka_unit_test(entry_at_the_borders),
        cmocka_unit_test(notes),
        cmocka_unit_test(notes_of_three_words),
        cmocka_unit_test(empty_segments),
        cmocka_unit_test(note_outside_the_file),
        cmocka_unit_test(end_of_the_address_space),
    };
    return cmocka_run_group_tests_name("elf", tests, 0, 0);
}
