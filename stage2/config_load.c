/*
 * config_load.c: BOOT.CFG from the disk. Real mode.
 */
#include "boot.h"
#include "config.h"
#include "fat.h"
#include "pm.h"

/* 32-bit code has the room to take the text apart, and to keep it. */
static enum boot_error parse(const char *text, uint32_t length, uint32_t choice) {
    struct config_request request = {text, length, choice, BOOT_OK};

    pm_switch(pm_config, &request);
    return request.error;
}

enum boot_error config_load(const char *path) {
    char *text = (char *)raw_memory_map; /* the map is made later */
    struct fat_file file;

    _Static_assert(sizeof(raw_memory_map) >= CONFIG_MAX, "room for the text");

    enum boot_error error = fat_open(path, &file);
    if (error) return error;
    if (file.bytes > CONFIG_MAX) return E_CONFIG_TOO_LONG;
    error = fat_read(&file, 0, text, file.bytes);
    if (error) return error;
    return parse(text, file.bytes, CONFIG_DEFAULT);
}

void config_choose(uint32_t choice) {
    (void)parse(0, 0, choice); /* the text was good for its default, and so it is for all */
}
