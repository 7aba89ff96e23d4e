/*
 * multiboot_info.c: what a Multiboot kernel is handed. Protected mode, after the last BIOS call.
 * Contract in multiboot.h.
 *
 *   HANDOFF_ADDR     information structure, list of modules, strings
 *     + 1000h        memory map
 */
#include "multiboot_info.h"

#include <ascent/layout.h>

#include "boot.h"
#include "config.h"
#include "load.h"
#include "multiboot.h"
#include "map.h"
#include "paging.h"
#include "pm.h"

#define KB 1024u
#define CELL_BYTES 2 /* of a character on the screen */

/* Where the next thing goes. */
static uint8_t *at;

static uint32_t add_character(char c) {
    *at = (uint8_t)c;
    return (uint32_t)at++;
}

static void add_text(const char *text) {
    while (*text) add_character(*text++);
}

/*
 * "BOOT/KERNEL arguments": the file's name comes first, as GRUB 0.97 and QEMU have it. Xen drops the
 * first word of what it is given, unless the loader is called GRUB 2.
 */
static uint32_t add_line(const char *path, const char *arguments) {
    uint32_t start = (uint32_t)at;

    add_text(path);
    if (*arguments) add_character(' ');
    add_text(arguments);
    add_character(0);
    return start;
}

static uint32_t upper_kilobytes(void) {
    for (uint32_t i = 0; i < boot_info.map_count; i++) {
        const struct memory_range *range = &memory_map[i];
        uint64_t end = range_end(range);
        if (range->type == MEMORY_USABLE && range->base <= HIGH_MEMORY_START &&
            end > HIGH_MEMORY_START)
            return (uint32_t)((end - HIGH_MEMORY_START) / KB);
    }
    return 0;
}

/* Conventional memory: the range that we ourselves are in. Page 0 is not usable for us; it is theirs. */
static uint32_t lower_kilobytes(void) {
    for (uint32_t i = 0; i < boot_info.map_count; i++)
        if (memory_map[i].type == MEMORY_USABLE && memory_map[i].base <= BOOT_INFO_ADDR)
            return (uint32_t)(range_end(&memory_map[i]) / KB);
    return 0;
}

static struct multiboot_module module_of(const struct loaded_file *file, uint32_t string) {
    return (struct multiboot_module){file->phys, file->phys + file->bytes, string, 0};
}

/* The initrd is the first, even if it has no bytes: the others keep their numbers. */
static void add_modules(struct multiboot_info *info) {
    const struct loaded_file initrd = {boot_info.initrd_phys, boot_info.initrd_bytes};
    struct multiboot_module *module = (struct multiboot_module *)at;

    info->flags |= INFO_MODULES;
    info->mods_addr = (uint32_t)module;
    info->mods_count = (config.initrd[0] ? 1 : 0) + config.module_count;
    at += info->mods_count * sizeof(*module);
    if (config.initrd[0]) *module++ = module_of(&initrd, add_line(config.initrd, ""));
    for (uint32_t i = 0; i < config.module_count; i++)
        *module++ = module_of(&loaded_modules[i],
                              add_line(config.modules[i].path, config.modules[i].arguments));
}

static void add_memory_map(struct multiboot_info *info) {
    struct multiboot_range *ranges = (struct multiboot_range *)(HANDOFF_ADDR + PAGE_SIZE);

    _Static_assert(MEMORY_MAP_MAX * sizeof(*ranges) <= HANDOFF_SIZE - PAGE_SIZE, "room for the map");
    info->flags |= INFO_MEMORY | INFO_MEMORY_MAP;
    info->mem_lower = lower_kilobytes();
    info->mem_upper = upper_kilobytes();
    info->mmap_addr = (uint32_t)ranges;
    info->mmap_length = boot_info.map_count * sizeof(*ranges);
    for (uint32_t i = 0; i < boot_info.map_count; i++)
        ranges[i] = (struct multiboot_range){sizeof(*ranges) - sizeof(ranges[i].size),
                                             memory_map[i].base, memory_map[i].length,
                                             memory_map[i].type};
}

static void add_screen(struct multiboot_info *info) {
    info->flags |= INFO_FRAMEBUFFER;
    info->framebuffer_addr = VGA_TEXT_ADDR;
    info->framebuffer_pitch = boot_info.screen_columns * CELL_BYTES;
    info->framebuffer_width = boot_info.screen_columns;
    info->framebuffer_height = boot_info.screen_rows;
    info->framebuffer_bpp = 8 * CELL_BYTES;
    info->framebuffer_type = FRAMEBUFFER_EGA_TEXT;
}

void multiboot_build(void) {
    struct multiboot_info *info = (struct multiboot_info *)HANDOFF_ADDR;
    struct zero_request all = {HANDOFF_ADDR, HANDOFF_SIZE};

    _Static_assert(sizeof(*info) + (1 + CONFIG_MODULES_MAX) * sizeof(struct multiboot_module) +
                           (2 + CONFIG_MODULES_MAX) * (FAT_PATH_MAX + CMDLINE_MAX) + 16 <=
                       PAGE_SIZE, "room for all lines");

    pm_zero(&all);
    at = (uint8_t *)(info + 1);
    info->flags = INFO_BOOT_DEVICE | INFO_CMDLINE | INFO_LOADER_NAME;
    info->boot_device = boot_info.boot_drive << 24 | (boot_info.boot_partition - 1) << 16 | 0xFFFF;
    add_memory_map(info);
    add_screen(info);
    add_modules(info);
    info->cmdline = add_line(config.kernel, config.cmdline);
    info->boot_loader_name = add_line("Ascent", "");
    handover_entry = boot_info.kernel_entry;
}
