/*
 * args.c: cuts a line into words, and reads the numbers in them.
 */
#include <monitor/args.h>

int args_split(char *line, char *argv[ARGS_MAX]) {
    int argc = 0;
    for (;;) {
        while (*line == ' ') line++;
        if (!*line) return argc;
        if (argc == ARGS_MAX) return -1;
        argv[argc++] = line;
        while (*line && *line != ' ') line++;
        if (*line) *line++ = 0;
    }
}

static int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 16;
}

static bool has_hex_prefix(const char *text) {
    return text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

/* At least one digit of `base`, then `end`. */
static bool read_number(const char *text, uint32_t base, char end, uint32_t *value) {
    uint64_t sum = 0;
    if (*text == end) return false;
    for (; *text != end; text++) {
        uint32_t digit = (uint32_t)digit_value(*text);
        if (digit >= base) return false;
        sum = sum * base + digit;
        if (sum > UINT32_MAX) return false;
    }
    *value = (uint32_t)sum;
    return true;
}

bool args_hex(const char *text, char end, uint32_t *value) {
    return read_number(has_hex_prefix(text) ? text + 2 : text, 16, end, value);
}

bool args_count(const char *text, uint32_t *value) {
    if (has_hex_prefix(text)) return read_number(text + 2, 16, 0, value);
    return read_number(text, 10, 0, value);
}
