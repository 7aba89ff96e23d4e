/*
 * multiboot_info.h: what a Multiboot kernel is handed (Multiboot specification 0.6.96 §3.3, §3.4).
 */
#ifndef STAGE2_MULTIBOOT_INFO_H
#define STAGE2_MULTIBOOT_INFO_H

#include <stdint.h>

#define MULTIBOOT_LOADED 0x2BADB002 /* in EAX */

/* flags: which fields count */
#define INFO_MEMORY 0x1
#define INFO_BOOT_DEVICE 0x2
#define INFO_CMDLINE 0x4
#define INFO_MODULES 0x8
#define INFO_MEMORY_MAP 0x40
#define INFO_LOADER_NAME 0x200
#define INFO_FRAMEBUFFER 0x1000

#define FRAMEBUFFER_EGA_TEXT 2

struct multiboot_info {
    uint32_t flags;
    uint32_t mem_lower, mem_upper; /* KB from 0, and from 1 MB up to the first hole */
    uint32_t boot_device; /* drive, partition from 0, then FFh: no partition within it */
    uint32_t cmdline;
    uint32_t mods_count, mods_addr;
    uint32_t syms[4]; /* section headers: not loaded */
    uint32_t mmap_length, mmap_addr;
    uint32_t drives_length, drives_addr;
    uint32_t config_table;
    uint32_t boot_loader_name;
    uint32_t apm_table;
    uint32_t vbe_control_info, vbe_mode_info;
    uint16_t vbe_mode, vbe_interface_seg, vbe_interface_off, vbe_interface_len;
    uint64_t framebuffer_addr;
    uint32_t framebuffer_pitch, framebuffer_width, framebuffer_height;
    uint8_t framebuffer_bpp, framebuffer_type;
    uint8_t color_info[6];
} __attribute__((packed));

struct multiboot_module {
    uint32_t start, end; /* physical; the end is the byte behind it */
    uint32_t string;
    uint32_t reserved;
};

struct multiboot_range {
    uint32_t size; /* of what follows */
    uint64_t base, length;
    uint32_t type;
} __attribute__((packed));

#endif
