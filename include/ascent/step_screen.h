/*
 * step_screen.h: the screen of a step: where we are, what has run, what changed. 32-bit code, header
 * only: it is compiled for the loader and for the kernel, which each supply
 *   step_put_cell    puts a character with its colours on the screen
 *   step_send        sends a text to COM1
 *   step_detail      adds the rows about the structure that the step is about
 */
#ifndef ASCENT_STEP_SCREEN_H
#define ASCENT_STEP_SCREEN_H

#include <ascent/boot_info.h>
#include <ascent/io.h>
#include <ascent/layout.h>
#include <ascent/step_capture.h>
#include <ascent/step_text.h>
#include <ascent/step_wait.h>
#include <stdbool.h>

#define STEP_COLUMNS 80
#define STEP_ROWS 25
#define STEP_RIGHT_HALF 41
#define STEP_DETAIL_ROW 14
#define STEP_WITHOUT_ROW 21
#ifndef STEP_BIT_NAME_MAX
#define STEP_BIT_NAME_MAX 5 /* bytes, with the final NUL */
#endif
#define STEP_MARK '\x01' /* in a row: highlight on or off; takes no place */

extern struct boot_info boot_info; /* the loader's and the kernel's have the same name */

static void step_put_cell(uint32_t cell, uint32_t value);
static void step_send(const char *text);
static void step_detail(const struct boot_step *before, const struct boot_step *now);

/* ---- a row, put together from left to right ---------------------------------------------------- */

static struct {
    char text[2 * STEP_COLUMNS];
    int length; /* with marks */
    int column; /* without */
    int number; /* from 0 */
} step_row;

#define COLOUR_PLAIN 0x0700
#define COLOUR_MARKED 0x1F00 /* white on blue */

/* Shows a row on the screen and sends it to COM1; without a text, clears it on the screen. */
static void step_put_row(int row, const char *text) {
    uint32_t cell = (uint32_t)row * STEP_COLUMNS;
    uint32_t colour = COLOUR_PLAIN;

    for (const char *c = text; c && *c; c++) {
        if (*c == STEP_MARK) {
            colour ^= COLOUR_PLAIN ^ COLOUR_MARKED;
            step_send(colour == COLOUR_MARKED ? "\033[7m" : "\033[0m"); /* ECMA-48 §8.3.117 */
        } else {
            if (row < STEP_ROWS) step_put_cell(cell++, colour | (uint8_t)*c);
            step_send((const char[]){*c, 0});
        }
    }
    while (row < STEP_ROWS && cell < (uint32_t)(row + 1) * STEP_COLUMNS)
        step_put_cell(cell++, COLOUR_PLAIN | ' ');
    if (text) step_send("\r\n");
}

static void row_char(char c) {
    if (c != STEP_MARK && step_row.column == STEP_COLUMNS) return;
    if (step_row.length == (int)sizeof(step_row.text) - 1) return;
    step_row.text[step_row.length++] = c;
    if (c != STEP_MARK) step_row.column++;
}

static void row_text(const char *text) {
    while (*text) row_char(*text++);
}

static void row_hex(uint32_t value, int digits) {
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
        row_char("0123456789ABCDEF"[value >> shift & 15]);
}

static void row_number(uint32_t value) {
    if (value >= 10) row_number(value / 10);
    row_char((char)('0' + value % 10));
}

static void row_tab(int column) {
    while (step_row.column < column) row_char(' ');
}

/* A row below the screen goes to COM1 alone. */
static void row_end(void) {
    step_row.text[step_row.length] = 0;
    step_put_row(step_row.number++, step_row.text);
    step_row.length = step_row.column = 0;
}

static void row_line(const char *text) {
    row_text(text);
    row_end();
}

/* Empty rows up to this one. */
static void row_skip(int number) {
    while (step_row.number < number) row_end();
}

/* Text over several rows, broken at blanks. */
static void row_paragraph(const char *text) {
    while (*text) {
        int word = 0;
        while (text[word] && text[word] != ' ') word++;
        if (step_row.column + word > STEP_COLUMNS - 2) row_end();
        while (word--) row_char(*text++);
        if (*text == ' ') row_char(*text++);
    }
    row_end();
}

/* ---- what every step shows --------------------------------------------------------------------- */

/* Highlighted text. */
static void step_show_key(const char *name) {
    row_char(STEP_MARK);
    row_text(name);
    row_char(STEP_MARK);
}

static void step_show_title(const struct step_text *step, uint32_t id) {
    static const char *const places[] = {
#define PLACE(name, text) text,
        STEP_PLACES(PLACE)
#undef PLACE
    };

    for (int i = 0; i < PLACES; i++) {
        if (i) row_text(" > ");
        if (i == step->place) row_char(STEP_MARK);
        row_text(places[i]);
        if (i == step->place) row_char(STEP_MARK);
    }
    row_end();
    row_end();
    row_text("Step ");
    row_number(id);
    if (id <= STEPS) {
        row_text(" of ");
        row_number(STEPS);
    }
    row_text(": ");
    row_text(step->name);
    row_end();
    row_line(step->happened);
    row_end();
    row_text("  ");
    row_text(step->file);
    row_char(':');
    row_number(step->line);
    row_text("    ");
    step_show_key(step->code);
    row_end();
    row_end();
}

struct step_bit {
    uint8_t number;
    char name[STEP_BIT_NAME_MAX];
};

/* Bits of the control registers (SDM 3A §2.5) and of EFLAGS (§2.3) that the steps change. Those of CR4
 * are the includer's: the loader sets PSE alone. */
static const struct step_bit step_cr0_bits[] = {{0, "PE"},  {1, "MP"},  {3, "TS"},
                                                {5, "NE"},  {16, "WP"}, {29, "NW"},
                                                {30, "CD"}, {31, "PG"}, {0, ""}};
static const struct step_bit step_cr4_bits[];
#define STEP_SYSTEM_FLAGS 0x600 /* results of arithmetic in the other bits come and go */
static const struct step_bit step_eflags_bits[] = {{9, "IF"}, {10, "DF"}, {0, ""}};

/* " old -> new", the new one highlighted where it differs. */
static void step_show_change(uint32_t before, uint32_t now, int digits) {
    if (before != now) {
        row_hex(before, digits);
        row_text(" -> ");
        row_char(STEP_MARK);
    }
    row_hex(now, digits);
    if (before != now) row_char(STEP_MARK);
}

/* " NAME=value" for each of the bits that are set in `changed`. */
static void step_name_bits(const struct step_bit *bits, uint32_t changed, uint32_t now) {
    for (; bits && bits->name[0]; bits++) {
        if (!(changed >> bits->number & 1)) continue;
        row_char(' ');
        row_text(bits->name);
        row_char('=');
        row_char((char)('0' + (now >> bits->number & 1)));
    }
}

/* Whether there is room for their names beside the register. */
static bool step_names_fit(const struct step_bit *bits, uint32_t changed) {
    int names = 0;

    for (; bits && bits->name[0]; bits++) names += (int)(changed >> bits->number & 1);
    return names <= 2;
}

/* A register with the names of the bits that changed, if there is room. */
static void step_show_register(const char *name, uint32_t before, uint32_t now,
                               const struct step_bit *bits) {
    row_text("  ");
    row_text(name);
    row_tab(10);
    step_show_change(before, now, 8);
    if (step_names_fit(bits, before ^ now)) step_name_bits(bits, before ^ now, now);
    row_tab(STEP_RIGHT_HALF);
}

static void step_show_selector(const char *name, uint32_t before, uint32_t now) {
    row_text(name);
    step_show_change(before, now, 4);
    row_end();
}

static void step_show_table(const char *name, uint32_t before_base, uint32_t before_limit,
                            uint32_t base, uint32_t limit) {
    row_text(name);
    if (before_base != base || before_limit != limit) {
        row_hex(before_base, 8);
        row_char('/');
        row_hex(before_limit, 4);
        row_text(" -> ");
        row_char(STEP_MARK);
    }
    row_hex(base, 8);
    row_char('/');
    row_hex(limit, 4);
    if (before_base != base || before_limit != limit) row_char(STEP_MARK);
    row_end();
}

/* How an address was before, for a row that marks it if it has not just gone on. */
static uint32_t step_place_before(uint32_t id, uint32_t before, uint32_t now) {
    bool elsewhere = STEP_JUMPS >> id & 1 || (before ^ now) >> STEP_PLACE_SHIFT;

    return elsewhere ? before : now;
}

/*
 * What the hidden part of CS holds: no instruction reads it, but every fetch uses it (§3.4.3). How wide
 * code is has been measured; the base is what the last load of CS made it, in real mode up to cs-load.
 */
static void step_show_cs_cache(const struct boot_step *now) {
    row_text("  its cache: base ");
    row_hex(now->id < STEP_CS_LOAD ? now->cs * 16 : 0, 8);
    row_text(step_code_bits == 16 ? ", 16-bit code" : ", 32-bit code");
    row_end();
}

static void step_show_registers(const struct boot_step *before, const struct boot_step *now) {
    step_show_register("CR0", before->cr0, now->cr0, step_cr0_bits);
    step_show_selector("CS   ", before->cs, now->cs);
    step_show_register("CR3", before->cr3, now->cr3, 0);
    step_show_cs_cache(now);
    step_show_register("CR4", before->cr4, now->cr4, step_cr4_bits);
    step_show_selector("DS   ", before->ds, now->ds);
    bool same = !((before->eflags ^ now->eflags) & STEP_SYSTEM_FLAGS);
    step_show_register("EFLAGS", same ? now->eflags : before->eflags, now->eflags,
                       step_eflags_bits);
    step_show_selector("SS   ", before->ss, now->ss);
    step_show_register("ESP", step_place_before(now->id, before->esp, now->esp), now->esp, 0);
    step_show_table("GDTR ", before->gdtr_base, before->gdtr_limit, now->gdtr_base,
                    now->gdtr_limit);
    step_show_register("EIP", step_place_before(now->id, before->eip, now->eip), now->eip, 0);
    step_show_table("IDTR ", before->idtr_base, before->idtr_limit, now->idtr_base,
                    now->idtr_limit);
    if (!step_names_fit(step_cr4_bits, before->cr4 ^ now->cr4)) {
        row_text("  CR4");
        row_tab(9);
        step_name_bits(step_cr4_bits, before->cr4 ^ now->cr4, now->cr4);
    }
    row_end();
}

static void step_show_keys(const struct step_text *step, uint32_t id) {
    row_skip(STEP_WITHOUT_ROW);
    row_text("Without it: ");
    row_paragraph(step->without);
    row_skip(STEP_WITHOUT_ROW + 2);
    if (step_can_break(id)) {
        step_show_key("B");
        row_text(" breaks it: ");
        row_text(step->breaks);
    }
    row_end();
    step_show_key("Space");
    row_text(" next   ");
    step_show_key("R");
    row_text(" run without stops");
    uint32_t seconds = step_wait_seconds(id, boot_info.step_mode);
    if (seconds) {
        row_text("   (without a key it runs after ");
        row_number(seconds);
        row_text(" s)");
    }
    row_end();
}

/* ---- descriptors: bytes and meaning (SDM 3A §3.4.5) -------------------------------------------- */

/* The segment register that a descriptor is loaded in, or blanks. */
static void step_show_user(uint32_t selector, const struct boot_step *now) {
    if (selector && selector == now->cs) row_char('C');
    else if (selector && selector == now->ds) row_char('D');
    else if (selector && selector == now->ss) row_char('S');
    if (step_row.column) row_char('S');
    row_tab(3);
}

static void __attribute__((unused)) step_show_descriptor(const struct boot_step *now,
                                                         uint32_t selector, bool changed) {
    const uint8_t *bytes = (const uint8_t *)(now->gdtr_base + selector);
    uint32_t limit = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)(bytes[6] & 0xF) << 16;
    uint8_t access = bytes[5];

    step_show_user(selector, now);
    if (changed) row_char(STEP_MARK);
    row_hex(selector, 2);
    row_text("  ");
    for (int i = 0; i < 8; i++) {
        row_hex(bytes[i], 2);
        row_char(' ');
    }
    if (!access) {
        row_text("null");
    } else {
        row_text("base ");
        row_hex(bytes[2] | (uint32_t)bytes[3] << 8 | (uint32_t)bytes[4] << 16 |
                    (uint32_t)bytes[7] << 24, 8);
        row_text(" limit ");
        row_hex(bytes[6] & 0x80 ? limit << 12 | 0xFFF : limit, 8);
        row_text(!(access & 0x10) ? " TSS" : access & 8 ? " code" : " data");
        if ((access & 0x12) == 0x02) row_text(" busy");
        if (access & 0x10) row_text(bytes[6] & 0x40 ? " 32-bit" : " 16-bit");
        row_text(" DPL ");
        row_number(access >> 5 & 3);
        if (!(access & 0x80)) row_text(" P=0");
        if ((access & 0x11) == 0x11) row_text(" A");
    }
    if (changed) row_char(STEP_MARK);
    row_end();
}

/* Whether 8 bytes of a table differ from those in the table before, or were behind its end. */
static bool __attribute__((unused)) step_row_changed(uint32_t before_base, uint32_t before_limit,
                                                     uint32_t base, uint32_t at) {
    const uint32_t *old = (const uint32_t *)(before_base + at);
    const uint32_t *now = (const uint32_t *)(base + at);

    if (before_base == base) return false;
    return at + 7 > before_limit || old[0] != now[0] || old[1] != now[1];
}

static void __attribute__((unused)) step_show_gdt(const struct boot_step *before,
                                                  const struct boot_step *now) {
    for (uint32_t at = 0; at < now->gdtr_limit && step_row.number < STEP_WITHOUT_ROW; at += 8)
        step_show_descriptor(now, at, step_row_changed(before->gdtr_base, before->gdtr_limit,
                                                       now->gdtr_base, at));
}

/* ---- interrupts that are off -------------------------------------------------------------------- */

/* Leaves the row open. */
static void step_show_masks(void) {
    row_text("The PICs' masks, a 1 for each line that is off: ");
    row_hex(inb(PIC1_MASK_PORT), 2);
    row_char(' ');
    row_hex(inb(PIC2_MASK_PORT), 2);
}

/* ---- the whole screen -------------------------------------------------------------------------- */

#define CRTC_INDEX_PORT 0x3D4
#define CRTC_DATA_PORT 0x3D5
#define CRTC_CURSOR 0x0E /* and 0x0F: high and low byte of its place (IBM VGA) */

/* The cursor means nothing here. Whoever prints next sets it again. */
static void step_hide_cursor(void) {
    uint16_t behind_the_screen = STEP_COLUMNS * STEP_ROWS;

    for (int i = 0; i < 2; i++) {
        outb(CRTC_INDEX_PORT, (uint8_t)(CRTC_CURSOR + i));
        outb(CRTC_DATA_PORT, (uint8_t)(i ? behind_the_screen : behind_the_screen >> 8));
    }
}

/* The line by which a program knows that the machine waits (docs/reference/step-protocol.md). */
static void step_say_waiting(const char *word, uint32_t id) {
    row_text(word);
    row_number(id / 10);
    row_number(id % 10);
    step_row.number = STEP_ROWS;
    row_end();
}

static void step_draw(const struct boot_step *before, const struct boot_step *now) {
    const struct step_text *text = step_text(now->id);

    step_hide_cursor();
    step_row.number = 0;
    step_show_title(text, now->id);
    step_show_registers(before, now);
    step_detail(before, now);
    step_show_keys(text, now->id);
    step_say_waiting("@WAIT ", now->id);
}

/* What will come of B, instead of the keys: the machine may have no time to say it afterwards. */
static void step_draw_outcome(uint32_t id) {
    step_row.number = STEP_ROWS - 2;
    row_line(step_text(id)->outcome);
    step_show_key("Space");
    row_line(" see it");
    step_say_waiting("@BREAK ", id);
}

static void step_clear(void) {
    for (int row = 0; row < STEP_ROWS; row++) step_put_row(row, 0);
}

static void step_draw_view(enum step_view view, const struct boot_step *before,
                           const struct boot_step *now) {
    switch (view) {
    case STEP_VIEW_STEP: step_draw(before, now); break;
    case STEP_VIEW_OUTCOME: step_draw_outcome(now->id); break;
    case STEP_VIEW_NOTHING: step_clear(); break;
    }
}

#endif
