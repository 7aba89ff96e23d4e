/*
 * linux.h: kernels of Linux's format, by the x86 boot protocol; "boot.rst" is Documentation/arch/x86/
 * boot.rst of Linux. 32-bit code, without hardware: the host tests and a fuzzer run it as it is.
 * Chapter: docs/other-kernels.md.
 */
#ifndef STAGE2_LINUX_H
#define STAGE2_LINUX_H

#include <ascent/errors.h>
#include <ascent/layout.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINUX_MAGIC 0x53726448u /* "HdrS" */
#define LINUX_BOOT_FLAG 0xAA55

/* boot.rst, "The Real-Mode Kernel Header"; it lies at 1F1h of the file. */
struct linux_header {
    uint8_t setup_sects; /* of the real-mode part, behind the first sector; 0 stands for 4 */
    uint16_t root_flags;
    uint32_t syssize; /* of the rest, in 16 bytes */
    uint16_t ram_size, vid_mode, root_dev;
    uint16_t boot_flag;
    uint8_t jump, header_end; /* the header ends so many bytes behind 202h */
    uint32_t magic;
    uint16_t version;
    uint32_t realmode_swtch;
    uint16_t start_sys_seg, kernel_version;
    uint8_t type_of_loader, loadflags;
    uint16_t setup_move_size;
    uint32_t code32_start;
    uint32_t ramdisk_image, ramdisk_size;
    uint32_t bootsect_kludge;
    uint16_t heap_end_ptr;
    uint8_t ext_loader_ver, ext_loader_type;
    uint32_t cmd_line_ptr;       /* from version 2.02 on */
    uint32_t initrd_addr_max;    /* 2.03: the last byte that an initrd may have */
    uint32_t kernel_alignment;   /* 2.05 */
    uint8_t relocatable_kernel;  /* 2.05 */
    uint8_t min_alignment;       /* 2.10 */
    uint16_t xloadflags;         /* 2.12 */
    uint32_t cmdline_size;       /* 2.06: characters without the NUL */
    uint32_t hardware_subarch;
    uint64_t hardware_subarch_data;
    uint32_t payload_offset, payload_length;
    uint64_t setup_data;
    uint64_t pref_address;       /* 2.10 */
    uint32_t init_size;          /* 2.10: memory that it needs from where it lies on */
} __attribute__((packed));

#define LINUX_HEADER_OFFSET 0x1F1
#define LINUX_HEADER_JUMP_END 0x202
_Static_assert(offsetof(struct linux_header, magic) == 0x202 - LINUX_HEADER_OFFSET, "boot.rst");
_Static_assert(offsetof(struct linux_header, init_size) == 0x260 - LINUX_HEADER_OFFSET, "boot.rst");

/* loadflags */
#define LINUX_LOADED_HIGH 0x01
#define LINUX_CAN_USE_HEAP 0x80
#define LINUX_LOADER_UNKNOWN 0xFF /* type_of_loader: a loader without a number */
#define LINUX_HEAP_END_BASE 0x200 /* heap_end_ptr counts from here */
/* xloadflags */
#define LINUX_IS_64_BIT 0x01

/* Is this the head of a file of Linux's format? */
bool linux_has_header(const uint8_t *head, uint32_t bytes);

/*
 * Judges the file whose head lies at HANDOFF_ADDR, and decides where it goes. `request` is a struct
 * head_request (kernel_kind.h), its image_ and setup_ fields are the answer; kernel_phys,
 * kernel_phys_end and kernel_entry go to boot_info, and what it is to kernel_kind. Errors:
 * E_LINUX_..., E_NO_ROOM_KERNEL.
 */
void pm_linux_plan(void *argument);

/*
 * Where `bytes` of an initrd go: as high as the kernel allows, on a page boundary, not where the kernel
 * is. `phys` is 0 if there is no room.
 */
struct room_request {
    uint32_t bytes, phys;
};
void pm_linux_initrd_room(void *argument); /* struct room_request */

/*
 * Where memory ends for the kernel, by `mem=` in boot_cmdline: an option for the loader too, as no initrd
 * may lie behind (boot.rst, "Special Command Line Options"). UINT64_MAX if it does not say.
 */
uint64_t linux_memory_end(void);

/* Fills in boot_params at HANDOFF_ADDR, for the jump to handover_entry. Protected mode, after the last
 * BIOS call. */
void linux_build(void);

/* The same in the header of the real-mode part at LINUX_REAL_ADDR. */
void pm_linux_real_build(void *unused);

/* foreign.asm: jumps to that part. Real mode. Does not return. */
void __attribute__((noreturn)) linux_real_handover(void);

#endif
