/*
 * fuzz_words.c: any bytes as the kernel's command line, as keys for the line editor, and as a line
 * of the monitor: every answer is a string with an end, and lies within what was given.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <boot/boot.h>
#include <dev/console.h>
#include <dev/input.h>
#include <monitor/args.h>
#include <monitor/line.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *keys;
static size_t key_count;
static int column; /* of the cursor */

int input_key(void) {
    static const int special[] = {KEY_LEFT, KEY_RIGHT, KEY_UP, KEY_DOWN, KEY_HOME, KEY_END, KEY_DELETE};

    if (!key_count) return '\n';
    key_count--;
    uint8_t key = *keys++;
    return key >= 0xF0 ? special[key % (sizeof special / sizeof special[0])] : key;
}

void console_putc(char c) {
    if (c == '\n') column = 0;
    else column += c == '\b' ? -1 : 1;
    if (column < 0 || column >= LINE_MAX + 1) abort(); /* it would wrap, or eat the prompt */
}

void console_write(const char *text) {
    if (!strcmp(text, "^C\n")) column = 0; /* ends the line, wherever the cursor is */
    else
        for (; *text; text++) console_putc(*text);
}

static void look_at_options(const uint8_t *data, size_t size) {
    char value[16], none[1];

    if (size >= CMDLINE_MAX) size = CMDLINE_MAX - 1;
    memcpy(boot_cmdline, data, size);
    boot_cmdline[size] = 0;
    static const char *const names[] = {"paging", "selftest", "bench", "slab_debug", "", "a"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        memset(value, 1, sizeof value);
        bool found = cmdline_option(names[i], value, sizeof value);
        size_t length = strnlen(value, sizeof value);
        if (length == sizeof value || strchr(value, ' ')) abort();
        if (!found && length) abort();
        if (found && !strstr(boot_cmdline, names[i])) abort();
        if (length && !strstr(boot_cmdline, value)) abort();
        cmdline_option(names[i], none, sizeof none);
    }
}

static void look_at_line(const uint8_t *data, size_t size) {
    static char line[LINE_MAX];
    char *argv[ARGS_MAX];
    uint32_t value;

    keys = data;
    key_count = size;
    while (key_count) {
        column = 0;
        line_read(line);
        if (strnlen(line, LINE_MAX) == LINE_MAX) abort();
        int argc = args_split(line, argv);
        if (argc < -1 || argc > ARGS_MAX) abort();
        for (int i = 0; i < argc; i++) {
            if (argv[i] < line || argv[i] >= line + LINE_MAX || !*argv[i] || strchr(argv[i], ' ')) abort();
            args_hex(argv[i], 0, &value);
            if (strchr(argv[i], ':')) args_hex(argv[i], ':', &value);
            args_count(argv[i], &value);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    look_at_options(data, size);
    look_at_line(data, size);
    return 0;
}
