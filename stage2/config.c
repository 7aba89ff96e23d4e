/*
 * config.c: BOOT.CFG, `key = value` lines. No hardware: the host tests and a fuzzer run it as it is.
 */
#include "config.h"

#include "bytes.h"
#include "error.h"

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

static bool is_key(struct piece piece, const char *name) {
    const char *c = piece.start;

    while (c < piece.end && *name && *c == *name) c++, name++;
    return c == piece.end && !*name;
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

enum key_result { KEY_OK, KEY_UNKNOWN, KEY_BAD_VALUE };

static enum key_result take_key(struct piece key, struct piece value) {
    bool good;

    if (is_key(key, "kernel")) {
        good = take_text(value, config.kernel, sizeof(config.kernel));
    } else if (is_key(key, "initrd")) {
        good = take_text(value, config.initrd, sizeof(config.initrd));
    } else if (is_key(key, "cmdline")) {
        good = take_text(value, config.cmdline, sizeof(config.cmdline));
    } else if (is_key(key, "step")) {
        good = take_hex(value, &config.step) && config.step <= 1;
    } else if (is_key(key, "kernel_crc32")) {
        good = config.has_kernel_crc32 = take_hex(value, &config.kernel_crc32);
    } else if (is_key(key, "initrd_crc32")) {
        good = config.has_initrd_crc32 = take_hex(value, &config.initrd_crc32);
    } else {
        return KEY_UNKNOWN;
    }
    return good ? KEY_OK : KEY_BAD_VALUE;
}

static enum boot_error parse_line(struct piece line, uint32_t number,
                                  void (*warn)(uint32_t line)) {
    line = trim(line);
    if (line.start == line.end || *line.start == '#') return BOOT_OK;

    const char *equals = line.start;
    while (equals < line.end && *equals != '=') equals++;
    struct piece key = trim((struct piece){line.start, equals});
    if (equals == line.end || key.start == key.end)
        return error_at(E_CONFIG_SYNTAX, "line", number);

    switch (take_key(key, trim((struct piece){equals + 1, line.end}))) {
    case KEY_BAD_VALUE: return error_at(E_CONFIG_VALUE, "line", number);
    case KEY_UNKNOWN: warn(number); break;
    case KEY_OK: break;
    }
    return BOOT_OK;
}

enum boot_error config_parse(const char *text, uint32_t length, void (*warn)(uint32_t line)) {
    const char *end = text + length;

    config = (struct config){.step = 0};
    for (uint32_t number = 1; text < end; number++) {
        const char *line_end = text;
        while (line_end < end && *line_end != '\n') line_end++;
        enum boot_error error = parse_line((struct piece){text, line_end}, number, warn);
        if (error) return error;
        text = line_end + 1;
    }
    return config.kernel[0] ? BOOT_OK : E_CONFIG_NO_KERNEL;
}
