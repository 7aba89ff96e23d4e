/*
 * config.c: BOOT.CFG, `key = value` lines. No hardware: the host tests and a fuzzer run it as it is.
 */
#include "config.h"

#include "bytes.h"
#include "error.h"

#define DELETE 0x7F

struct config config;

/* A piece of the text; nothing is copied before it is known to fit. */
struct piece {
    const char *start, *end;
};

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static struct piece trim(struct piece piece) {
    while (piece.start < piece.end && is_space(*piece.start)) piece.start++;
    while (piece.start < piece.end && is_space(piece.end[-1])) piece.end--;
    return piece;
}

/* Copies a value into a string of `size` bytes. False if it does not fit. */
static bool take_text(struct piece value, char *out, uint32_t size) {
    uint32_t length = (uint32_t)(value.end - value.start);

    if (length >= size) return false;
    copy_bytes(out, value.start, length);
    out[length] = 0;
    return true;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One to eight hexadecimal digits. */
static bool take_hex(struct piece value, uint32_t *out) {
    if (value.start == value.end || value.end - value.start > 8) return false;
    for (*out = 0; value.start < value.end; value.start++) {
        int digit = hex_digit(*value.start);
        if (digit < 0) return false;
        *out = *out << 4 | (uint32_t)digit;
    }
    return true;
}

enum key { KERNEL, INITRD, CMDLINE, STEP, KERNEL_CRC32, INITRD_CRC32, KEYS };

/* The key of that name; KEYS if there is none. */
static enum key find_key(struct piece piece) {
    static const char names[KEYS][13] = {
        "kernel", "initrd", "cmdline", "step", "kernel_crc32", "initrd_crc32",
    };
    char name[sizeof(names[0])];
    enum key key = 0;

    if (!take_text(piece, name, sizeof(name))) return KEYS;
    while (key < KEYS && !same_text(name, names[key])) key++;
    return key;
}

/* False: the value is too long, or not a number. */
static bool take_value(enum key key, struct piece value) {
    switch (key) {
    case KERNEL: return take_text(value, config.kernel, sizeof(config.kernel));
    case INITRD: return take_text(value, config.initrd, sizeof(config.initrd));
    case CMDLINE: return take_text(value, config.cmdline, sizeof(config.cmdline));
    case STEP: return take_hex(value, &config.step) && config.step <= 1;
    case KERNEL_CRC32: return config.has_kernel_crc32 = take_hex(value, &config.kernel_crc32);
    case INITRD_CRC32: return config.has_initrd_crc32 = take_hex(value, &config.initrd_crc32);
    case KEYS: break;
    }
    return false;
}

/* NUL and the like: they would cut a value short, or move the cursor when it is printed. */
static bool has_control(struct piece line) {
    for (; line.start < line.end; line.start++)
        if (((uint8_t)*line.start < ' ' && *line.start != '\t') || *line.start == DELETE)
            return true;
    return false;
}

/* `seen` has a bit for each key of the lines before. */
static enum boot_error parse_line(struct piece line, uint32_t *seen) {
    line = trim(line);
    if (has_control(line)) return E_CONFIG_CONTROL;
    if (line.start == line.end || *line.start == '#') return BOOT_OK;

    const char *equals = line.start;
    while (equals < line.end && *equals != '=') equals++;
    struct piece name = trim((struct piece){line.start, equals});
    if (equals == line.end || name.start == name.end) return E_CONFIG_SYNTAX;

    enum key key = find_key(name);
    if (key == KEYS) return E_CONFIG_KEY;
    if (*seen & 1u << key) return E_CONFIG_TWICE;
    *seen |= 1u << key;
    struct piece value = trim((struct piece){equals + 1, line.end});
    return take_value(key, value) ? BOOT_OK : E_CONFIG_VALUE;
}

enum boot_error config_parse(const char *text, uint32_t length) {
    const char *end = text + length;
    uint32_t seen = 0;

    config = (struct config){.step = 0};
    if (length >= 3 && same_bytes(text, "\xEF\xBB\xBF", 3)) text += 3; /* UTF-8, says an editor */
    for (uint32_t number = 1; text < end; number++) {
        const char *line_end = text;
        while (line_end < end && *line_end != '\n') line_end++;
        enum boot_error error = parse_line((struct piece){text, line_end}, &seen);
        if (error) return error_at(error, "line", number);
        text = line_end + 1;
    }
    return config.kernel[0] ? BOOT_OK : E_CONFIG_NO_KERNEL;
}
