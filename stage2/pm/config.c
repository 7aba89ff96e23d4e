/*
 * config.c: BOOT.CFG, taken apart. 32-bit code, which has more room, called through pm_switch(): it must
 * not want A20. No hardware: the host tests and a fuzzer run it as it is.
 *
 * A file has a part in front, which holds for all, and up to nine choices, each begun by `[name]`. A
 * line of the chosen one replaces the line in front with the same key. The lines of the others are
 * checked in the same way, and stored nowhere.
 */
#include "config.h"

#include <ascent/layout.h>

#include "boot.h"
#include "bytes.h"
#include "error.h"
#include "pm.h"

#define DELETE 0x7F

/* Beside the boot sector, which has done its work; nothing clears it (linker/stage2.ld). */
struct config config __attribute__((section(".bss.config")));
struct config_choices config_choices __attribute__((section(".bss.config")));

/* A piece of the text; nothing is copied before it is known to fit. */
struct piece {
    const char *start, *end;
};

enum key {
    KERNEL, INITRD, CMDLINE, STEP, KERNEL_CRC32, INITRD_CRC32, MODULE, DEFAULT, TIMEOUT, KEYS,
};

/* Where we are in the file, and what its lines so far ask for. */
static struct place {
    uint32_t line;      /* from 1; that of the error in the end, 0 if it is about no line */
    uint32_t wanted;    /* the choice to store, from 0; CONFIG_DEFAULT: what the file says */
    bool stored;        /* do the lines of this part count? */
    bool has_kernel;    /* does this part name one, */
    bool front_kernel;  /* and that in front? */
    uint32_t part_line; /* of [name]; 0: this is the part in front */
    uint32_t seen;      /* a bit for each key of this part */
    uint32_t modules;   /* of this part */
    uint32_t list_line; /* of a `default` or `timeout`; 0: there is none */
    uint32_t default_line;
    struct piece default_name;
    bool default_found;
} at;

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static struct piece trim(struct piece piece) {
    while (piece.start < piece.end && is_space(*piece.start)) piece.start++;
    while (piece.start < piece.end && is_space(piece.end[-1])) piece.end--;
    return piece;
}

static uint32_t length_of(struct piece piece) {
    return (uint32_t)(piece.end - piece.start);
}

static bool same(struct piece piece, const char *text) {
    for (; piece.start < piece.end; piece.start++, text++)
        if (*text != *piece.start) return false; /* also at its end: there is no NUL in a piece */
    return !*text;
}

/* Copies a value into a string of `size` bytes, if this part counts. False if it does not fit. */
static bool take_text(struct piece value, char *out, uint32_t size) {
    if (length_of(value) >= size) return false;
    if (!at.stored) return true;
    copy_bytes(out, value.start, length_of(value));
    out[length_of(value)] = 0;
    return true;
}

/* One to eight digits, of a value of `max` at most. */
static bool take_number(struct piece value, uint32_t base, uint32_t max, uint32_t *out) {
    uint32_t number = 0;

    if (value.start == value.end || length_of(value) > 8) return false;
    for (; value.start < value.end; value.start++) {
        uint32_t digit = digit_of(*value.start);
        if (digit >= base) return false;
        number = number * base + digit;
    }
    if (number > max) return false;
    if (at.stored) *out = number;
    return true;
}

static bool take_crc32(struct piece value, bool *has, uint32_t *crc) {
    bool good = take_number(value, 16, UINT32_MAX, crc);

    if (at.stored) *has = good;
    return good;
}

/* The checksum of a file belongs to the name that stands in the same part. */
static bool take_path(struct piece value, char *out, enum key crc32, bool *has_crc32) {
    if (at.stored && !(at.seen & 1u << crc32)) *has_crc32 = false;
    return take_text(value, out, FAT_PATH_MAX);
}

/* A path, and behind the first space what the kernel is told of the module. */
static bool take_module(struct piece value) {
    struct config_module *module = &config.modules[at.modules++];
    struct piece path = {value.start, value.start};

    while (path.end < value.end && !is_space(*path.end)) path.end++;
    if (path.start == path.end) return false;
    if (at.stored) config.module_count = at.modules;
    return take_text(path, module->path, sizeof(module->path)) &&
           take_text(trim((struct piece){path.end, value.end}), module->arguments,
                     sizeof(module->arguments));
}

/* The key of that name; KEYS if there is none. */
static enum key find_key(struct piece name) {
    static const char names[KEYS][13] = {
        "kernel", "initrd", "cmdline", "step", "kernel_crc32", "initrd_crc32", "module", "default",
        "timeout",
    };
    enum key key = 0;

    while (key < KEYS && !same(name, names[key])) key++;
    return key;
}

/* False: the value is too long, or not a number. */
static bool take_value(enum key key, struct piece value) {
    switch (key) {
    case KERNEL:
        at.has_kernel = length_of(value);
        return take_path(value, config.kernel, KERNEL_CRC32, &config.has_kernel_crc32);
    case INITRD: return take_path(value, config.initrd, INITRD_CRC32, &config.has_initrd_crc32);
    case CMDLINE: return take_text(value, config.cmdline, sizeof(config.cmdline));
    case STEP: return take_number(value, 16, 1, &config.step);
    case KERNEL_CRC32: return take_crc32(value, &config.has_kernel_crc32, &config.kernel_crc32);
    case INITRD_CRC32: return take_crc32(value, &config.has_initrd_crc32, &config.initrd_crc32);
    case MODULE: return take_module(value);
    case DEFAULT:
        at.default_line = at.list_line = at.line;
        at.default_name = value;
        return true;
    case TIMEOUT:
        at.list_line = at.line;
        return take_number(value, 10, CONFIG_TIMEOUT_MAX, &config_choices.timeout);
    case KEYS: break;
    }
    return false;
}

static enum boot_error parse_setting(struct piece line) {
    struct piece name = {line.start, line.start};

    while (name.end < line.end && *name.end != '=') name.end++;
    struct piece value = trim((struct piece){name.end + 1, line.end});
    if (name.end == line.end) return E_CONFIG_SYNTAX;
    name = trim(name);
    if (name.start == name.end) return E_CONFIG_SYNTAX;

    enum key key = find_key(name);
    if (key == KEYS) return E_CONFIG_KEY;
    if ((key == DEFAULT || key == TIMEOUT) && at.part_line) return E_CONFIG_PLACE;
    if (key == MODULE && at.modules == CONFIG_MODULES_MAX) return E_CONFIG_MODULES;
    if (key != MODULE && at.seen & 1u << key) return E_CONFIG_TWICE;
    at.seen |= 1u << key;
    return take_value(key, value) ? BOOT_OK : E_CONFIG_VALUE;
}

static enum boot_error error_on(uint32_t line, enum boot_error error) {
    at.line = line;
    return error;
}

/* Can the part that ends here be booted? That in front need not, where choices follow. */
static enum boot_error end_part(bool file_ends) {
    bool named = at.seen & 1u << KERNEL;

    if (!at.part_line) at.front_kernel = at.has_kernel;
    if (named ? at.has_kernel : at.front_kernel) return BOOT_OK;
    if (!at.part_line && !file_ends) return BOOT_OK;
    return error_on(at.part_line, E_CONFIG_NO_KERNEL);
}

/* `[name]`: the line without its brackets. */
static enum boot_error begin_choice(struct piece name) {
    uint32_t number = config_choices.count;

    if (name.start == name.end || length_of(name) >= CONFIG_NAME_MAX) return E_CONFIG_NAME;
    for (const char *c = name.start; c < name.end; c++)
        if (*c < ' ' || *c >= DELETE) return E_CONFIG_NAME;
    for (uint32_t i = 0; i < number; i++)
        if (same(name, config_choices.names[i])) return E_CONFIG_NAME_TWICE;
    if (number == CONFIG_CHOICES_MAX) return E_CONFIG_CHOICES;

    char *kept = config_choices.names[config_choices.count++];
    copy_bytes(kept, name.start, length_of(name));
    kept[length_of(name)] = 0;
    bool is_default = at.default_line ? same(at.default_name, kept) : !number;
    if (is_default) at.default_found = true;
    at.stored = at.wanted == CONFIG_DEFAULT ? is_default : at.wanted == number;
    if (at.stored) config_choices.chosen = number;
    at.part_line = at.line;
    at.seen = at.modules = 0;
    at.has_kernel = false;
    return BOOT_OK;
}

/* NUL and the like: they would cut a value short, or move the cursor when it is printed. */
static bool has_control(struct piece line) {
    for (; line.start < line.end; line.start++)
        if (((uint8_t)*line.start < ' ' && *line.start != '\t') || *line.start == DELETE)
            return true;
    return false;
}

static enum boot_error parse_line(struct piece line) {
    line = trim(line);
    if (has_control(line)) return E_CONFIG_CONTROL;
    if (line.start == line.end || *line.start == '#') return BOOT_OK;
    if (*line.start != '[') return parse_setting(line);
    if (line.end[-1] != ']') return E_CONFIG_NAME;
    enum boot_error error = end_part(false);
    return error ? error : begin_choice(trim((struct piece){line.start + 1, line.end - 1}));
}

static enum boot_error parse_lines(const char *text, const char *end) {
    for (; text < end; at.line++) {
        const char *line_end = text;
        while (line_end < end && *line_end != '\n') line_end++;
        enum boot_error error = parse_line((struct piece){text, line_end});
        if (error) return error;
        text = line_end + 1;
    }
    return BOOT_OK;
}

/* What only the whole file shows. */
static enum boot_error end_file(void) {
    enum boot_error error = end_part(true);

    if (error) return error;
    if (at.list_line && !config_choices.count) return error_on(at.list_line, E_CONFIG_PLACE);
    if (at.default_line && !at.default_found) return error_on(at.default_line, E_CONFIG_DEFAULT_NAME);
    return BOOT_OK;
}

enum boot_error config_parse(const char *text, uint32_t length, uint32_t choice) {
    const char *end = text + length;

    config = (struct config){.step = 0};
    config_choices.count = config_choices.chosen = config_choices.timeout = 0;
    at = (struct place){.line = 1, .wanted = choice, .stored = true};
    if (length >= 3 && same_bytes(text, "\xEF\xBB\xBF", 3)) text += 3; /* UTF-8, says an editor */
    enum boot_error error = parse_lines(text, end);
    if (!error) error = end_file();
    return error && at.line ? error_at(error, "line", at.line) : error;
}

void pm_config(void *argument) {
    struct config_request *request = argument;
    char *kept = (char *)CONFIG_TEXT_ADDR;
    static uint32_t length;

    if (request->text) {
        length = request->length;
        copy_bytes(kept, request->text, length);
    }
    request->error = config_parse(kept, length, request->choice);
    if (!request->error) copy_bytes(boot_cmdline, config.cmdline, sizeof(config.cmdline));
}
