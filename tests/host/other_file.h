/*
 * other_file.h: good files of the other kinds of kernel, in place of kernel_file.h's good_kernel.
 */
#ifndef OTHER_FILE_H
#define OTHER_FILE_H

#include "kernel_file.h"
#include "kernel_kind.h"
#include "linux.h"
#include "multiboot.h"
#include "multiboot_info.h"
#include "two_pieces.h"

#define MULTIBOOT_AT 0x200 /* its header in the file */
#define SETUP_BYTES 0x400  /* of the file of Linux's format */

uint32_t handover_entry; /* what the last jump goes to */

static void fill_pattern(void) {
    for (uint32_t i = 0; i < sizeof good_kernel; i++) good_kernel[i] = (uint8_t)(i * 7 + i / 256);
}

static void make_multiboot(void) {
    const struct elf32_ehdr ehdr = {
        .e_ident = {0x7F, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC, .e_machine = EM_386, .e_version = EV_CURRENT,
        .e_entry = 0x100010, .e_phoff = sizeof(struct elf32_ehdr),
        .e_ehsize = sizeof(struct elf32_ehdr), .e_phentsize = sizeof(struct elf32_phdr), .e_phnum = 3,
    };
    struct elf32_phdr phdrs[] = {
        segment(PT_LOAD, 0x400, 0x100000, 0x1234, 0x2000),
        segment(PT_LOAD, 0x1700, 0x102000, 0x500, 0x9000),
        segment(PT_LOAD, 0x2000, 0x118000, 0x800, 0x800),
    };
    const struct multiboot_header header = {
        .magic = MULTIBOOT_MAGIC, .flags = 7, .checksum = -(MULTIBOOT_MAGIC + 7),
        .mode_type = MULTIBOOT_MODE_TEXT, .width = 80, .height = 25,
    };

    fill_pattern();
    for (int i = 0; i < 3; i++) phdrs[i].p_vaddr = phdrs[i].p_paddr + 0x80000000;
    memcpy(good_kernel, &ehdr, sizeof ehdr);
    memcpy(good_kernel + ehdr.e_phoff, phdrs, sizeof phdrs);
    memcpy(good_kernel + MULTIBOOT_AT, &header, sizeof header);
}

static void make_linux(bool real) {
    const struct linux_header header = {
        .setup_sects = SETUP_BYTES / SECTOR_SIZE - 1, .syssize = (GOOD_BYTES - SETUP_BYTES) / 16,
        .boot_flag = LINUX_BOOT_FLAG, .jump = 0xEB, .header_end = 0x66, .magic = LINUX_MAGIC,
        .version = 0x20F, .loadflags = LINUX_LOADED_HIGH, .code32_start = real ? 0 : 0x100000,
        .initrd_addr_max = RAM_END - 1, .kernel_alignment = 0x1000, .relocatable_kernel = !real,
        .cmdline_size = 255, .pref_address = 0x100000, .init_size = 0x8000,
    };

    fill_pattern();
    memcpy(good_kernel + LINUX_HEADER_OFFSET, &header, sizeof header);
}

/* A machine with two pieces of memory above 1 MB, and nothing loaded. */
static void machine_map_other(void) {
    machine_map(0x10000, LINUX_REAL_ADDR + LINUX_REAL_SIZE + PAGE_SIZE - 0x10000);
    machine_map(HIGH_MEMORY_START, RAM_END - HIGH_MEMORY_START);
}

static void machine_start_other(void) {
    memset(&boot_info, 0, sizeof boot_info);
    boot_info.boot_partition = 1;
    boot_info.boot_drive = 0x80;
    machine_two_pieces(LINUX_REAL_ADDR + LINUX_REAL_SIZE);
    write_count = 0;
}

#endif
