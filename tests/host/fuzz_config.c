/*
 * fuzz_config.c: any bytes as BOOT.CFG: what is accepted has values that can be used and printed,
 * each a piece of the file.
 */
#define _GNU_SOURCE /* memmem */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "error.h"
#include "no_disk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_value(const char *value, size_t max, const uint8_t *data, size_t size) {
    size_t length = strnlen(value, max);

    if (length == max) abort();
    for (size_t i = 0; i < length; i++)
        if (((uint8_t)value[i] < ' ' && value[i] != '\t') || value[i] == 0x7F) abort();
    if (length && !memmem(data, size, value, length)) abort();
}

/* Lines that could be a setting: neither empty nor a comment. */
static unsigned count_settings(const uint8_t *data, size_t size) {
    unsigned settings = 0;
    bool blank = true;

    for (size_t i = 0; i < size; i++) {
        if (data[i] == '\n') blank = true;
        if (!blank || strchr(" \t\r\n", data[i])) continue;
        blank = false;
        if (data[i] != '#') settings++;
    }
    return settings;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (config_parse((const char *)data, (uint32_t)size, CONFIG_DEFAULT)) return 0;
    check_value(config.kernel, sizeof config.kernel, data, size);
    check_value(config.initrd, sizeof config.initrd, data, size);
    check_value(config.cmdline, sizeof config.cmdline, data, size);
    if (!config.kernel[0] || config.step > 1) abort();
    if (memchr(data, 0, size)) abort();
    /* nothing passes unseen: six keys, each once */
    if (count_settings(data, size) > 6) abort();
    return 0;
}
