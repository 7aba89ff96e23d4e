/*
 * fat_name.c: names on a FAT volume. See fat_name.h. Hardware-free.
 */
#include <fs/fat_name.h>
#include <lib/string.h>

/* An entry of a long name, as it lies on the disk. */
struct long_part {
    uint8_t ordinal; /* from 1; the last part has LAST_PART too */
    uint16_t first[5];
    uint8_t attributes, type;
    uint8_t checksum; /* of the short name */
    uint16_t second[6];
    uint16_t first_cluster;
    uint16_t third[2];
} __attribute__((packed));
_Static_assert(sizeof(struct long_part) == sizeof(struct fat_directory_entry), "long name entry");

#define LAST_PART 0x40
#define LOWER_CASE_BASE 0x08 /* fat_directory_entry.lower_case, as Windows NT and Linux have it */
#define LOWER_CASE_EXTENSION 0x10
#define STANDS_FOR_E5 0x05 /* as the first byte: E5h would mean "deleted" */

/* ---- UTF-8 ---- */

struct text {
    char *at, *end;
    bool bad; /* too long, or not for a path */
};

static void put_byte(struct text *text, uint32_t byte) {
    if (text->at == text->end)
        text->bad = true;
    else
        *text->at++ = (char)byte;
}

/* A character (Unicode §3.9, table 3-6). No path can have a slash or a NUL in a name, and nobody wants
 * control characters in it. */
static void put_character(struct text *text, uint32_t c) {
    if (c < 0x20 || c == 0x7F || c == '/') {
        text->bad = true;
    } else if (c < 0x80) {
        put_byte(text, c);
    } else if (c < 0x800) {
        put_byte(text, 0xC0 | c >> 6);
        put_byte(text, 0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        put_byte(text, 0xE0 | c >> 12);
        put_byte(text, 0x80 | (c >> 6 & 0x3F));
        put_byte(text, 0x80 | (c & 0x3F));
    } else {
        put_byte(text, 0xF0 | c >> 18);
        put_byte(text, 0x80 | (c >> 12 & 0x3F));
        put_byte(text, 0x80 | (c >> 6 & 0x3F));
        put_byte(text, 0x80 | (c & 0x3F));
    }
}

/* The end of a name: its length, or 0 if it is none. */
static uint32_t finish(struct text *text, char *out) {
    uint32_t length = (uint32_t)(text->at - out);
    bool dots = (length == 1 && out[0] == '.') || (length == 2 && out[0] == '.' && out[1] == '.');

    if (text->bad || dots) return 0;
    *text->at = 0;
    return length;
}

/* ---- long names ---- */

void fat_long_part(struct fat_long_name *name, const struct fat_directory_entry *entry) {
    const struct long_part *part = (const void *)entry;
    uint32_t ordinal = part->ordinal & ~LAST_PART;

    if (part->ordinal & LAST_PART) {
        name->parts = name->left = ordinal <= FAT_LONG_PARTS ? (uint8_t)ordinal : 0;
        name->checksum = part->checksum;
    }
    if (!name->parts || ordinal == 0 || ordinal != name->left || part->checksum != name->checksum) {
        name->parts = 0;
        return;
    }
    uint16_t *units = name->units + --name->left * FAT_LONG_PART;
    memcpy(units, part->first, sizeof part->first);
    memcpy(units + 5, part->second, sizeof part->second);
    memcpy(units + 11, part->third, sizeof part->third);
}

static uint8_t checksum_of(const char short_name[11]) {
    uint8_t sum = 0;

    for (int i = 0; i < 11; i++) sum = (uint8_t)((sum & 1) << 7 | sum >> 1) + (uint8_t)short_name[i];
    return sum;
}

uint32_t fat_long_name(const struct fat_long_name *name, const struct fat_directory_entry *entry,
                       char out[FAT_NAME_BYTES]) {
    const uint16_t *at = name->units, *end = at + name->parts * FAT_LONG_PART;
    struct text text = {out, out + FAT_NAME_BYTES - 1, false};

    if (!name->parts || name->left || name->checksum != checksum_of(entry->name)) return 0;
    for (; at < end && *at; at++) {
        uint32_t c = *at;
        if (c >= 0xD800 && c < 0xE000) { /* half of a character beyond FFFFh (Unicode §3.9, D91) */
            if (c >= 0xDC00 || at + 1 == end || at[1] < 0xDC00 || at[1] >= 0xE000) return 0;
            c = 0x10000 + ((c - 0xD800) << 10) + (*++at - 0xDC00u);
        }
        put_character(&text, c);
    }
    return finish(&text, out);
}

/* ---- short names ---- */

/* What the bytes from 80h on mean in code page 437, that of the IBM PC. */
static const uint16_t code_page_437[128] = {
    0x00C7, 0x00FC, 0x00E9, 0x00E2, 0x00E4, 0x00E0, 0x00E5, 0x00E7, 0x00EA, 0x00EB, 0x00E8, 0x00EF,
    0x00EE, 0x00EC, 0x00C4, 0x00C5, 0x00C9, 0x00E6, 0x00C6, 0x00F4, 0x00F6, 0x00F2, 0x00FB, 0x00F9,
    0x00FF, 0x00D6, 0x00DC, 0x00A2, 0x00A3, 0x00A5, 0x20A7, 0x0192, 0x00E1, 0x00ED, 0x00F3, 0x00FA,
    0x00F1, 0x00D1, 0x00AA, 0x00BA, 0x00BF, 0x2310, 0x00AC, 0x00BD, 0x00BC, 0x00A1, 0x00AB, 0x00BB,
    0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557,
    0x255D, 0x255C, 0x255B, 0x2510, 0x2514, 0x2534, 0x252C, 0x251C, 0x2500, 0x253C, 0x255E, 0x255F,
    0x255A, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256C, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559,
    0x2558, 0x2552, 0x2553, 0x256B, 0x256A, 0x2518, 0x250C, 0x2588, 0x2584, 0x258C, 0x2590, 0x2580,
    0x03B1, 0x00DF, 0x0393, 0x03C0, 0x03A3, 0x03C3, 0x00B5, 0x03C4, 0x03A6, 0x0398, 0x03A9, 0x03B4,
    0x221E, 0x03C6, 0x03B5, 0x2229, 0x2261, 0x00B1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00F7, 0x2248,
    0x00B0, 0x2219, 0x00B7, 0x221A, 0x207F, 0x00B2, 0x25A0, 0x00A0,
};

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* `length` bytes padded with blanks. */
static void put_part(struct text *text, const char *part, uint32_t length, bool in_lower_case) {
    while (length && part[length - 1] == ' ') length--;
    for (uint32_t i = 0; i < length; i++) {
        uint8_t byte = (uint8_t)(in_lower_case ? lower(part[i]) : part[i]);
        put_character(text, byte < 0x80 ? byte : code_page_437[byte - 0x80]);
    }
}

uint32_t fat_short_name(const struct fat_directory_entry *entry, char out[FAT_NAME_BYTES]) {
    struct text text = {out, out + FAT_NAME_BYTES - 1, false};
    char name[11];

    memcpy(name, entry->name, sizeof name);
    if (name[0] == STANDS_FOR_E5) name[0] = (char)ENTRY_DELETED;
    put_part(&text, name, 8, entry->lower_case & LOWER_CASE_BASE);
    if (memcmp(name + 8, "   ", 3) != 0) {
        put_byte(&text, '.');
        put_part(&text, name + 8, 3, entry->lower_case & LOWER_CASE_EXTENSION);
    }
    return finish(&text, out);
}

bool fat_is_dots(const struct fat_directory_entry *entry) {
    return memcmp(entry->name, ".          ", 11) == 0 || memcmp(entry->name, "..         ", 11) == 0;
}

bool fat_same_name(const char *name, uint32_t length, const char *other, uint32_t other_length) {
    if (length != other_length) return false;
    for (uint32_t i = 0; i < length; i++)
        if (lower(name[i]) != lower(other[i])) return false;
    return true;
}
