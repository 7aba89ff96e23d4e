/*
 * multiboot.h: kernels of the Multiboot specification, version 0.6.96; § is of it. 32-bit code, without
 * hardware: the host tests and a fuzzer run it as it is.
 * Chapter: docs/other-kernels.md.
 */
#ifndef STAGE2_MULTIBOOT_H
#define STAGE2_MULTIBOOT_H

#include <ascent/errors.h>
#include <stdint.h>

#define MULTIBOOT_MAGIC 0x1BADB002u
#define MULTIBOOT_ALIGN 4

/* flags of the header: bits 0 to 15 are what the kernel requires, from 16 on what it tells (§3.1.2). */
#define MULTIBOOT_WANTS_PAGES 0x1u  /* modules on page boundaries: ours always are */
#define MULTIBOOT_WANTS_MEMORY 0x2u /* mem_... and mmap_...: always there */
#define MULTIBOOT_WANTS_VIDEO 0x4u
#define MULTIBOOT_REQUIRED 0xFFFFu
#define MULTIBOOT_KNOWN (MULTIBOOT_WANTS_PAGES | MULTIBOOT_WANTS_MEMORY | MULTIBOOT_WANTS_VIDEO)
#define MULTIBOOT_WANTS_AOUT 0x10000u /* load by the addresses of this header */

/* §3.1.1 */
struct multiboot_header {
    uint32_t magic;
    uint32_t flags;
    uint32_t checksum; /* the three add up to 0 */
    uint32_t header_addr, load_addr, load_end_addr, bss_end_addr, entry_addr; /* WANTS_AOUT */
    uint32_t mode_type, width, height, depth;                                 /* WANTS_VIDEO */
};
#define MULTIBOOT_HEADER_SHORT 12 /* bytes, as far as the checksum */
#define MULTIBOOT_MODE_TEXT 1

/*
 * The header in the first `bytes` of a file. If there is none but one whose checksum is wrong, that
 * one; else a null pointer. Only its first MULTIBOOT_HEADER_SHORT bytes need lie within `bytes`.
 */
const struct multiboot_header *multiboot_find(const uint8_t *head, uint32_t bytes);

/*
 * Can we give what the header at `offset` of a head of `bytes` asks for? Returns BOOT_OK,
 * E_MULTIBOOT_CHECKSUM, E_MULTIBOOT_FLAGS, E_MULTIBOOT_AOUT, E_MULTIBOOT_SHORT or E_MULTIBOOT_VIDEO.
 */
enum boot_error multiboot_check_header(const struct multiboot_header *header, uint32_t bytes);

/*
 * Judges an ELF file that pm_check_header() has passed: the header in its head, and its segments, which
 * go to p_paddr. `request` as for pm_check_segments(). kernel_phys, kernel_phys_end and kernel_entry,
 * all physical, go to boot_info. Errors: of multiboot_check_header(), E_SEGMENT_..., E_KERNEL_NO_LOAD,
 * E_MULTIBOOT_ENTRY.
 */
void pm_check_multiboot(void *argument); /* struct elf_request */

/* Makes the information structure (§3.3) at HANDOFF_ADDR, for the jump to handover_entry. Protected
 * mode, after the last BIOS call. */
void multiboot_build(void);

/* Lets both interrupt controllers and the NMI gate as the BIOS had them: "the boot loader must leave the PIC
 * programmed with the normal BIOS/DOS values, even if it changed them" (§3.2). Protected mode, IF = 0. */
void multiboot_interrupts_back(void);

#endif
