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

/* What is stored of one choice can be used, and is a piece of the file. */
static void check_config(const uint8_t *data, size_t size) {
    check_value(config.kernel, sizeof config.kernel, data, size);
    check_value(config.initrd, sizeof config.initrd, data, size);
    check_value(config.cmdline, sizeof config.cmdline, data, size);
    if (!config.kernel[0] || config.step > 1 || config.module_count > CONFIG_MODULES_MAX) abort();
    for (uint32_t i = 0; i < config.module_count; i++) {
        check_value(config.modules[i].path, sizeof config.modules[i].path, data, size);
        check_value(config.modules[i].arguments, sizeof config.modules[i].arguments, data, size);
        if (!config.modules[i].path[0] || strpbrk(config.modules[i].path, " \t")) abort();
    }
}

static void check_choices(const uint8_t *data, size_t size) {
    if (config_choices.count > CONFIG_CHOICES_MAX || config_choices.timeout > CONFIG_TIMEOUT_MAX) abort();
    for (uint32_t i = 0; i < config_choices.count; i++) {
        const char *name = config_choices.names[i];
        check_value(name, CONFIG_NAME_MAX, data, size);
        if (!name[0]) abort();
        for (uint32_t j = 0; j < i; j++)
            if (!strcmp(name, config_choices.names[j])) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum boot_error error = config_parse((const char *)data, (uint32_t)size, CONFIG_DEFAULT);
    uint32_t count = config_choices.count, standard = config_choices.chosen;
    struct config of_default = config;

    for (uint32_t i = 0; i < CONFIG_CHOICES_MAX; i++) { /* whichever is chosen: the same is wrong */
        if (config_parse((const char *)data, (uint32_t)size, i) != error) abort();
        if (error || i >= count) continue;
        if (config_choices.chosen != i || config_choices.count != count) abort();
        if (i == standard && memcmp(&config, &of_default, sizeof config)) abort();
        check_config(data, size);
    }
    if (error) return 0;
    config = of_default;
    check_config(data, size);
    check_choices(data, size);
    if (memchr(data, 0, size) || (count && standard >= count)) abort();
    /* nothing passes unseen: seven keys, six of them once and the last four times, in each part, the
     * names, and what is of the list */
    if (count_settings(data, size) > (6 + CONFIG_MODULES_MAX) * (count + 1) + count + 2) abort();
    return 0;
}
