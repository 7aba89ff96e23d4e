/*
 * config_load.c: BOOT.CFG from the disk. Real mode.
 */
#include "boot.h"
#include "bytes.h"
#include "config.h"
#include "fat.h"

enum boot_error config_load(const char *path) {
    char *text = (char *)raw_memory_map; /* the map is made later */
    struct fat_file file;

    _Static_assert(sizeof(raw_memory_map) >= CONFIG_MAX, "room for the text");

    enum boot_error error = fat_open(path, &file);
    if (error) return error;
    if (file.bytes > CONFIG_MAX) return E_CONFIG_TOO_LONG;
    error = fat_read(&file, 0, text, file.bytes);
    if (error) return error;
    error = config_parse(text, file.bytes);
    if (error) return error;
    copy_bytes(boot_cmdline, config.cmdline, sizeof(config.cmdline));
    return BOOT_OK;
}
