/*
 * step_directory.h: the loader's page directory on the screen of a step. Header only: for the loader's
 * own steps, and for the kernel's first, which still runs on these tables. The includer says in which
 * section the texts lie (STEP_DIRECTORY_SECTION): the loader has little room for them below 64 KB.
 */
#ifndef ASCENT_STEP_DIRECTORY_H
#define ASCENT_STEP_DIRECTORY_H

#include <ascent/step_screen.h>

/* An entry of a page directory (SDM 3A §4.3, tables 4-4 and 4-5). */
#define DIRECTORY_P 0x01u
#define DIRECTORY_A 0x20u /* the processor has used the entry (§4.8) */
#define DIRECTORY_D 0x40u /* and has written there; only where it maps a page itself */
#define DIRECTORY_PS 0x80u
#define DIRECTORY_ADDRESS 0xFFFFF000u
#define DIRECTORY_SHIFT 22

static const struct {
    char not_in_use[74], in_use[74];
    char page[14], table[19];
    struct step_bit bits[6];
} directory_texts STEP_DIRECTORY_SECTION = {
    "The page directory. CR0.PG is 0: the processor translates nothing yet",
    "The page directory. A: the processor has used the entry, D: to write",
    " -> physical ",
    " by the table at ",
    {{0, "P"}, {1, "RW"}, {5, "A"}, {6, "D"}, {7, "PS"}, {0, ""}},
};

static void step_show_directory_heading(bool in_use) {
    row_line(in_use ? directory_texts.in_use : directory_texts.not_in_use);
}

/* Index, entry, linear addresses, physical address, bits. The loader has made the entry without A and
 * D: where they are set, that was the processor. */
static void step_show_directory_entry(uint32_t index, uint32_t entry, bool changed) {
    uint32_t linear = index << DIRECTORY_SHIFT;

    row_tab(2);
    if (changed) row_char(STEP_MARK);
    row_char('[');
    row_hex(index, 3);
    row_char(']');
    row_char(' ');
    row_hex(entry, 8);
    row_char(' ');
    row_hex(linear, 8);
    row_char('-');
    row_hex(linear + LARGE_PAGE_SIZE - 1, 8);
    row_text(entry & DIRECTORY_PS ? directory_texts.page : directory_texts.table);
    row_hex(entry & DIRECTORY_ADDRESS, 8);
    row_char(' ');
    for (const struct step_bit *bit = directory_texts.bits; bit->name[0]; bit++) {
        if (!(entry >> bit->number & 1)) continue;
        row_char(' ');
        row_text(bit->name);
    }
    if (changed) row_char(STEP_MARK);
    row_end();
}

#endif
