/*
 * vt.c: a terminal on the text screen: escape sequences of programs, one after the other.
 *
 *   GROUND --ESC--> ESCAPE --[--> CSI --letter--> done by csi()
 *                     |  --]--> OSC --BEL, ESC \--> forgotten
 *                     |  --( ) # %--> one more byte, forgotten
 *                     +--other--> done by escape()
 */
#include <dev/vga.h>
#include <dev/vt.h>
#include <dev/vt_glyph.h>
#include <lib/printk.h>

#define COLUMNS VGA_COLUMNS
#define ROWS VGA_ROWS
#define TAB 8
#define PARAMETERS 16
#define ESC 0x1B
#define CANCEL 0x18
#define SUBSTITUTE 0x1A
#define BELL 7

enum state { GROUND, ESCAPE, CSI, OSC, OSC_ESCAPE, CHARSET, FORGET_ONE };

struct attributes {
    uint8_t foreground, background; /* 0 to 15 */
    bool bold, blink, reverse;
    bool graphics; /* line drawing characters: SO */
};

static const struct attributes plain = {.foreground = 7};

static struct {
    enum state state;
    uint32_t parameter[PARAMETERS];
    uint32_t parameters; /* the number of the last one */
    char private;        /* '?' of CSI ? h, or 0 */
    uint32_t code;       /* of UTF-8: what has come, */
    unsigned follow;     /* and so many bytes are still to come */

    struct attributes attributes;
    uint32_t top, bottom; /* rows that scroll: [top, bottom) */
    bool origin;          /* rows are counted from `top` */
    bool no_wrap;
    bool application_cursor;
    struct vga_cursor saved;
    struct attributes saved_attributes;
} vt = {.attributes = {.foreground = 7}, .bottom = ROWS};

bool vt_application_cursor(void) {
    return vt.application_cursor;
}

/* ---- cells ---- */

/* The VGA counts blue, green, red; ECMA-48 red, green, blue. */
static uint8_t vga_colour(uint32_t colour) {
    return (uint8_t)((colour & 1) << 2 | (colour & 2) | (colour >> 2 & 1) | (colour & 8));
}

static uint16_t attribute_byte(void) {
    const struct attributes *now = &vt.attributes;
    uint32_t front = vga_colour(now->foreground) | (now->bold ? 8 : 0);
    uint32_t back = vga_colour(now->background) & 7;

    if (now->reverse) {
        uint32_t old_front = front;
        front = back | (now->bold ? 8 : 0);
        back = old_front & 7;
    }
    return (uint16_t)((back << 4 | front | (now->blink ? 0x80 : 0)) << 8);
}

/* What is erased has the colours of now, but neither blinks nor is it bold (back_color_erase). */
static uint16_t blank(void) {
    return (uint16_t)(vga_colour(vt.attributes.background & 7) << 12 |
                      vga_colour(vt.attributes.foreground & 7) << 8 | ' ');
}

/* ---- the cursor. Column 80 is behind a full line: the next character goes to the next line. ---- */

static uint32_t minimum(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static void settle(void) {
    if (vga_cursor.column >= COLUMNS) vga_cursor.column = COLUMNS - 1;
}

static void line_feed(void) {
    if (vga_cursor.row + 1 == vt.bottom)
        vga_scroll_up(vt.top, vt.bottom, 1, blank());
    else if (vga_cursor.row + 1 < ROWS)
        vga_cursor.row++;
}

static void reverse_line_feed(void) {
    if (vga_cursor.row == vt.top)
        vga_scroll_down(vt.top, vt.bottom, 1, blank());
    else if (vga_cursor.row)
        vga_cursor.row--;
}

static void put_glyph(uint8_t glyph) {
    if (vga_cursor.column >= COLUMNS) {
        if (vt.no_wrap) {
            vga_cursor.column = COLUMNS - 1;
        } else {
            vga_cursor.column = 0;
            line_feed();
        }
    }
    vga_put(vga_cursor.row, vga_cursor.column++, (uint16_t)(attribute_byte() | glyph));
}

static void go_to(uint32_t row, uint32_t column) {
    uint32_t first = vt.origin ? vt.top : 0, last = vt.origin ? vt.bottom - 1 : ROWS - 1;

    vga_cursor.row = minimum(first + row, last);
    vga_cursor.column = minimum(column, COLUMNS - 1);
}

/* Up and down stop at the edge of what scrolls, unless they start outside. */
static void up(uint32_t rows) {
    uint32_t edge = vga_cursor.row >= vt.top ? vt.top : 0;
    vga_cursor.row -= minimum(rows, vga_cursor.row - edge);
}

static void down(uint32_t rows) {
    uint32_t edge = vga_cursor.row < vt.bottom ? vt.bottom - 1 : ROWS - 1;
    vga_cursor.row = minimum(vga_cursor.row + rows, edge);
}

static void save(void) {
    vt.saved = vga_cursor;
    vt.saved_attributes = vt.attributes;
}

static void restore(void) {
    vga_cursor = vt.saved;
    vt.attributes = vt.saved_attributes;
}

static void reset(void) {
    vt.attributes = plain;
    vt.top = 0;
    vt.bottom = ROWS;
    vt.origin = vt.no_wrap = vt.application_cursor = false;
    vga_hide_cursor(false);
    vga_fill(0, 0, COLUMNS * ROWS, VGA_BLANK);
    vga_cursor = (struct vga_cursor){0, 0};
    save();
}

/* ---- CSI sequences ---- */

/* Parameter `index`; 0 and a missing one mean `other`. */
static uint32_t parameter(uint32_t index, uint32_t other) {
    return index <= vt.parameters && vt.parameter[index] ? vt.parameter[index] : other;
}

static void erase_in_display(void) {
    uint32_t cursor = vga_cursor.row * COLUMNS + vga_cursor.column;

    switch (vt.parameter[0]) {
    case 0: vga_fill(vga_cursor.row, vga_cursor.column, COLUMNS * ROWS - cursor, blank()); break;
    case 1: vga_fill(0, 0, cursor + 1, blank()); break;
    case 2:
    case 3: vga_fill(0, 0, COLUMNS * ROWS, blank()); break;
    }
}

static void erase_in_line(void) {
    uint32_t row = vga_cursor.row, column = vga_cursor.column;

    switch (vt.parameter[0]) {
    case 0: vga_fill(row, column, COLUMNS - column, blank()); break;
    case 1: vga_fill(row, 0, column + 1, blank()); break;
    case 2: vga_fill(row, 0, COLUMNS, blank()); break;
    }
}

static void insert_lines(uint32_t lines) {
    if (vga_cursor.row < vt.top || vga_cursor.row >= vt.bottom) return;
    vga_scroll_down(vga_cursor.row, vt.bottom, lines, blank());
    vga_cursor.column = 0;
}

/* Lines deleted at the top of the screen have not left it at the top: none are remembered. */
static void delete_lines(uint32_t lines) {
    uint32_t row = vga_cursor.row;

    if (row < vt.top || row >= vt.bottom) return;
    lines = minimum(lines, vt.bottom - row);
    for (uint32_t to = row; to + lines < vt.bottom; to++) vga_copy_row(to, to + lines);
    vga_fill(vt.bottom - lines, 0, lines * COLUMNS, blank());
    vga_cursor.column = 0;
}

static void insert_cells(uint32_t cells) {
    uint32_t column = vga_cursor.column;

    cells = minimum(cells, COLUMNS - column);
    vga_move(vga_cursor.row, column + cells, column, COLUMNS - column - cells);
    vga_fill(vga_cursor.row, column, cells, blank());
}

static void delete_cells(uint32_t cells) {
    uint32_t column = vga_cursor.column;

    cells = minimum(cells, COLUMNS - column);
    vga_move(vga_cursor.row, column, column + cells, COLUMNS - column - cells);
    vga_fill(vga_cursor.row, COLUMNS - cells, cells, blank());
}

static void set_margins(void) {
    uint32_t top = parameter(0, 1) - 1, bottom = parameter(1, ROWS);

    if (bottom > ROWS) bottom = ROWS;
    if (top + 1 >= bottom) return;
    vt.top = top;
    vt.bottom = bottom;
    go_to(0, 0);
}

static void set_mode(bool on) {
    if (vt.private != '?') return;
    for (uint32_t i = 0; i <= vt.parameters; i++) {
        switch (vt.parameter[i]) {
        case 1: vt.application_cursor = on; break;
        case 6:
            vt.origin = on;
            go_to(0, 0);
            break;
        case 7: vt.no_wrap = !on; break;
        case 25: vga_hide_cursor(!on); break;
        }
    }
}

/* Of the 256 colours of 38;5;n: the first 16; the cube and the greys by their brightest parts. */
static uint8_t colour_of(uint32_t number) {
    if (number < 16) return (uint8_t)number;
    if (number >= 232) return number >= 244 ? 15 : 8;
    number -= 16;
    uint32_t red = number / 36, green = number / 6 % 6, blue = number % 6;
    bool bright = red > 3 || green > 3 || blue > 3;
    return (uint8_t)((red > 1 ? 1 : 0) | (green > 1 ? 2 : 0) | (blue > 1 ? 4 : 0) |
                     (bright ? 8 : 0));
}

/* 38;5;n and 38;2;r;g;b: answers how many parameters it has taken beside the 38. */
static uint32_t extended_colour(uint32_t index, uint8_t *colour) {
    if (index + 2 <= vt.parameters && vt.parameter[index + 1] == 5) {
        *colour = colour_of(vt.parameter[index + 2] & 0xFF);
        return 2;
    }
    return index + 4 <= vt.parameters && vt.parameter[index + 1] == 2 ? 4 : 0;
}

static void set_attribute(uint32_t number) {
    struct attributes *now = &vt.attributes;

    switch (number) {
    case 0: *now = (struct attributes){.foreground = 7, .graphics = now->graphics}; break;
    case 1: now->bold = true; break;
    case 5: now->blink = true; break;
    case 7: now->reverse = true; break;
    case 21:
    case 22: now->bold = false; break;
    case 25: now->blink = false; break;
    case 27: now->reverse = false; break;
    case 39: now->foreground = 7; break;
    case 49: now->background = 0; break;
    default:
        if (number >= 30 && number <= 37) now->foreground = (uint8_t)(number - 30);
        if (number >= 40 && number <= 47) now->background = (uint8_t)(number - 40);
        if (number >= 90 && number <= 97) now->foreground = (uint8_t)(number - 90 + 8);
        if (number >= 100 && number <= 107) now->background = (uint8_t)(number - 100 + 8);
    }
}

static void set_attributes(void) {
    for (uint32_t i = 0; i <= vt.parameters; i++) {
        if (vt.parameter[i] == 38)
            i += extended_colour(i, &vt.attributes.foreground);
        else if (vt.parameter[i] == 48)
            i += extended_colour(i, &vt.attributes.background);
        else
            set_attribute(vt.parameter[i]);
    }
}

/* What are you, and where is the cursor. */
static void report(void) {
    char answer[24];

    if (vt.parameter[0] == 5) vt_answer("\033[0n");
    if (vt.parameter[0] != 6) return;
    uint32_t first = vt.origin ? vt.top : 0;
    snprintf(answer, sizeof answer, "\033[%u;%uR", vga_cursor.row - first + 1,
             minimum(vga_cursor.column, COLUMNS - 1) + 1);
    vt_answer(answer);
}

static void csi(char last) {
    uint32_t count = parameter(0, 1);

    if (last == 'm') {
        if (!vt.private) set_attributes(); /* keeps a full line full */
        return;
    }
    if (last != 'h' && last != 'l') settle();
    switch (last) {
    case '@': insert_cells(count); break;
    case 'A': up(count); break;
    case 'B':
    case 'e': down(count); break;
    case 'C':
    case 'a': vga_cursor.column = minimum(vga_cursor.column + count, COLUMNS - 1); break;
    case 'D': vga_cursor.column -= minimum(count, vga_cursor.column); break;
    case 'E': down(count), vga_cursor.column = 0; break;
    case 'F': up(count), vga_cursor.column = 0; break;
    case 'G':
    case '`': vga_cursor.column = minimum(count - 1, COLUMNS - 1); break;
    case 'H':
    case 'f': go_to(count - 1, parameter(1, 1) - 1); break;
    case 'J': erase_in_display(); break;
    case 'K': erase_in_line(); break;
    case 'L': insert_lines(count); break;
    case 'M': delete_lines(count); break;
    case 'P': delete_cells(count); break;
    case 'S': vga_scroll_up(vt.top, vt.bottom, count, blank()); break;
    case 'T': vga_scroll_down(vt.top, vt.bottom, count, blank()); break;
    case 'X':
        vga_fill(vga_cursor.row, vga_cursor.column, minimum(count, COLUMNS - vga_cursor.column),
                 blank());
        break;
    case 'c': vt_answer("\033[?6c"); break; /* a VT102 */
    case 'd': go_to(count - 1, vga_cursor.column); break;
    case 'h': set_mode(true); break;
    case 'l': set_mode(false); break;
    case 'n':
        if (!vt.private) report();
        break;
    case 'r': set_margins(); break;
    case 's': save(); break;
    case 'u': restore(); break;
    }
}

/* ---- single characters behind ESC ---- */

static void escape(char c) {
    switch (c) {
    case 'c': reset(); break;
    case 'D': line_feed(); break;
    case 'E':
        vga_cursor.column = 0;
        line_feed();
        break;
    case 'M': reverse_line_feed(); break;
    case 'Z': vt_answer("\033[?6c"); break;
    case '7': save(); break;
    case '8': restore(); break;
    }
}

/* ---- byte by byte ---- */

static void start_csi(void) {
    vt.state = CSI;
    vt.parameters = 0;
    vt.private = 0;
    for (unsigned i = 0; i < PARAMETERS; i++) vt.parameter[i] = 0;
}

static void csi_byte(char c) {
    uint32_t *now = &vt.parameter[vt.parameters];

    if (c >= '0' && c <= '9') {
        if (*now < 10000) *now = *now * 10 + (uint32_t)(c - '0');
    } else if (c == ';' || c == ':') {
        if (vt.parameters + 1 < PARAMETERS) vt.parameters++;
    } else if (c >= '<' && c <= '?') {
        vt.private = c;
    } else if (c >= '@' && c <= '~') {
        vt.state = GROUND;
        csi(c);
    }
}

static void escape_byte(char c) {
    vt.state = GROUND;
    switch (c) {
    case '[': start_csi(); break;
    case ']':
    case 'P':
    case '^':
    case '_': vt.state = OSC; break;
    case '(':
    case ')': vt.state = CHARSET; break;
    case '#':
    case '%': vt.state = FORGET_ONE; break;
    default: escape(c);
    }
}

/* Control characters do what they do within sequences too. True: it was one. */
static bool control(char c) {
    switch (c) {
    case '\b':
        settle();
        if (vga_cursor.column) vga_cursor.column--;
        return true;
    case '\t':
        settle();
        vga_cursor.column = minimum((vga_cursor.column / TAB + 1) * TAB, COLUMNS - 1);
        return true;
    case '\n':
    case '\v':
    case '\f': line_feed(); return true;
    case '\r': vga_cursor.column = 0; return true;
    case 0x0E: vt.attributes.graphics = true; return true;
    case 0x0F: vt.attributes.graphics = false; return true;
    case CANCEL:
    case SUBSTITUTE: vt.state = GROUND; return true;
    case ESC: vt.state = ESCAPE; return true;
    }
    return (uint8_t)c < ' ' || c == 0x7F;
}

/* Puts the bytes of UTF-8 together; a byte that does not fit stands for itself. */
static void text_byte(uint8_t byte) {
    if (vt.follow && (byte & 0xC0) == 0x80) {
        vt.code = vt.code << 6 | (byte & 0x3F);
        if (--vt.follow == 0) put_glyph(vt_glyph(vt.code, false));
        return;
    }
    vt.follow = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : byte >= 0xC0 ? 1 : 0;
    vt.code = byte & (0x3Fu >> vt.follow);
    if (!vt.follow) put_glyph(vt_glyph(byte, vt.attributes.graphics));
}

void vt_putc(char c) {
    if (vt.state == OSC || vt.state == OSC_ESCAPE) {
        bool ended = c == BELL || (vt.state == OSC_ESCAPE && c == '\\');
        vt.state = ended ? GROUND : c == ESC ? OSC_ESCAPE : OSC;
        return;
    }
    if (control(c)) return;
    switch (vt.state) {
    case ESCAPE: escape_byte(c); break;
    case CSI: csi_byte(c); break;
    case CHARSET: vt.attributes.graphics = c == '0', vt.state = GROUND; break;
    case FORGET_ONE: vt.state = GROUND; break;
    default: text_byte((uint8_t)c);
    }
}
