/*
 * config.h: BOOT.CFG, `key = value` lines.
 */
#ifndef STAGE2_CONFIG_H
#define STAGE2_CONFIG_H

#include <ascent/boot_info.h>
#include <ascent/errors.h>
#include <stdbool.h>
#include <stdint.h>

#include "fat.h"

#define CONFIG_MAX 2048 /* bytes */

struct config {
    char kernel[FAT_PATH_MAX];
    char initrd[FAT_PATH_MAX]; /* empty: none */
    char cmdline[CMDLINE_MAX];
    uint32_t step; /* 1: stop at each step */
    bool has_kernel_crc32, has_initrd_crc32;
    uint32_t kernel_crc32, initrd_crc32;
};
extern struct config config;

/*
 * Takes apart `text` of `length` bytes into `config`, which is set to defaults first. A UTF-8 mark
 * at its head is skipped. Returns BOOT_OK, E_CONFIG_NO_KERNEL, or with the number of the line (from
 * 1) as detail E_CONFIG_SYNTAX, E_CONFIG_KEY, E_CONFIG_TWICE, E_CONFIG_VALUE or E_CONFIG_CONTROL.
 */
enum boot_error config_parse(const char *text, uint32_t length);

/* Reads and parses the file. Returns as fat_open, fat_read, config_parse; E_CONFIG_TOO_LONG. */
enum boot_error config_load(const char *path);

#endif
