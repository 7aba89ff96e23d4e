/*
 * config.h: BOOT.CFG, `key = value` lines, and choices between kernels that begin with `[name]`.
 * docs/reference/boot-cfg.md.
 */
#ifndef STAGE2_CONFIG_H
#define STAGE2_CONFIG_H

#include <ascent/boot_info.h>
#include <ascent/errors.h>
#include <stdbool.h>
#include <stdint.h>

#include "fat.h"

#define CONFIG_MAX 2048 /* bytes of the file */
#define CONFIG_CHOICES_MAX 9
#define CONFIG_NAME_MAX 32 /* bytes, with the final NUL */
#define CONFIG_MODULES_MAX 4
#define CONFIG_TIMEOUT_MAX 3600 /* seconds */
#define CONFIG_DEFAULT UINT32_MAX

/* A file that a Multiboot kernel gets beside the initrd. */
struct config_module {
    char path[FAT_PATH_MAX];
    char arguments[CMDLINE_MAX]; /* what follows the path */
};

/* What holds for one choice; of a file without choices all of it. */
struct config {
    char kernel[FAT_PATH_MAX];
    char initrd[FAT_PATH_MAX]; /* empty: none */
    char cmdline[CMDLINE_MAX];
    uint32_t step; /* 1: stop at each step */
    bool has_kernel_crc32, has_initrd_crc32;
    uint32_t kernel_crc32, initrd_crc32;
    uint32_t module_count;
    struct config_module modules[CONFIG_MODULES_MAX];
};
extern struct config config;

struct config_choices {
    uint32_t count;  /* 0: a file without choices */
    uint32_t chosen; /* the one that `config` holds, from 0 */
    uint32_t timeout; /* seconds that the list waits; 0: it is not shown unasked */
    char names[CONFIG_CHOICES_MAX][CONFIG_NAME_MAX];
};
extern struct config_choices config_choices;

/*
 * Takes apart `text` of `length` bytes: fills in `config_choices`, and `config` for the choice with
 * the number `choice` (from 0, below the count of the same text), or the file's own default with
 * CONFIG_DEFAULT. All lines are checked, those of the other choices too. A UTF-8 mark at the head is
 * skipped. Returns BOOT_OK, or, most with the number of the line (from 1) as detail,
 * E_CONFIG_NO_KERNEL, E_CONFIG_SYNTAX, E_CONFIG_KEY, E_CONFIG_TWICE, E_CONFIG_VALUE, E_CONFIG_CONTROL,
 * E_CONFIG_NAME, E_CONFIG_NAME_TWICE, E_CONFIG_CHOICES, E_CONFIG_DEFAULT_NAME, E_CONFIG_PLACE
 * or E_CONFIG_MODULES.
 */
enum boot_error config_parse(const char *text, uint32_t length, uint32_t choice);

/*
 * Reads the file, keeps its text at CONFIG_TEXT_ADDR, and parses it for its default. boot_cmdline gets
 * the command line. Returns as fat_open, fat_read, config_parse; E_CONFIG_TOO_LONG. Real mode.
 */
enum boot_error config_load(const char *path);

/* The same for another choice of the file that was loaded: the disk is not read again. */
void config_choose(uint32_t choice);

#endif
