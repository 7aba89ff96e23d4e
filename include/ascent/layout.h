/*
 * layout.h: where things lie, on the disk and in physical memory.
 *
 * The one source of these numbers. C includes it; the linker scripts are run through the C
 * preprocessor; NASM gets the same names as %define lines (build/include/layout.inc), so every
 * value here is a plain number or an expression that both languages read alike.
 * Drawn and explained in docs/reference/memory-map.md and docs/reference/image-format.md.
 */
#ifndef ASCENT_LAYOUT_H
#define ASCENT_LAYOUT_H

#define SECTOR_SIZE 512
#define PAGE_SHIFT 12
#define PAGE_SIZE 4096

/*
 * The disk, in sectors (LBA).
 *
 *   0            stage 1 (MBR)
 *   1 ... 144    stage 2; its first sector reads and checks the others
 *   2048 ...     partition 1: FAT with BOOT/
 *   behind it    partition 2: swap (swap_header.h)
 */
#define STAGE2_LBA 1
#define STAGE2_MAX_SECTORS 144
#define PARTITION_LBA 2048

/* The header of stage 2: magic, version, length in sectors, CRC-32 of all sectors but the first, and
 * what makes the 32-bit words of the first sector add up to 0. */
#define STAGE2_MAGIC 0x32545341 /* "AST2" */
#define STAGE2_VERSION 2
#define STAGE2_HEADER_MAGIC 0
#define STAGE2_HEADER_VERSION 4
#define STAGE2_HEADER_SECTORS 6
#define STAGE2_HEADER_CRC 8
#define STAGE2_HEADER_SUM 12
#define STAGE2_HEADER_SIZE 16

/* Stage 1 fits in front of the disk signature of the MBR; some bytes are kept for the next need. */
#define STAGE1_MAX_BYTES 440
#define STAGE1_SPARE_BYTES 16
#define MBR_DISK_SIGNATURE 440
#define MBR_TABLE_OFFSET 446
#define MBR_TABLE_ENTRIES 4
#define MBR_SIGNATURE_OFFSET 510
#define MBR_SIGNATURE 0xAA55

/*
 * Physical memory while the loader runs.
 *
 *   00000000  interrupt vectors, BIOS data area
 *   00001000  boot_info and all it points to         BOOT_INFO_ADDR
 *   00003400  stage 2 .bss                           STAGE2_BSS_ADDR
 *   00006000  stack of stage 2, grows down from 7000 STACK_TOP
 *   00007000  what BOOT.CFG says                     CONFIG_ADDR
 *   00007BEA  how the BIOS entered stage 1           ENTRY_STATE_ADDR
 *   00007C00  stage 1                                STAGE1_ADDR
 *   00008000  stage 2: real-mode code, all data      STAGE2_ADDR
 *   00010000  stage 2: 32-bit code                   STAGE2_PM_ADDR
 *   0001A000  tables for CRC-32                      CRC_TABLES_ADDR
 *   0001C000  text of BOOT.CFG, then page directory  PAGE_DIRECTORY_ADDR
 *   0001E000  head of the file, then what is handed  HANDOFF_ADDR
 *   00020000  bounce buffer for BIOS disk reads      BOUNCE_ADDR
 *   00030000  free, up to the EBDA                   LOADER_END
 *   00100000  kernel                                 KERNEL_PHYS
 *
 * The kernel keeps some of it for itself, to go back to real mode (kernel/bios/real):
 *
 *   00001000  code, read-only                        REAL_TEXT_ADDR
 *   00002000  data: the call, descriptor table       REAL_DATA_ADDR
 *   00003000  stack, grows down from 4000            REAL_STACK_ADDR
 *   00020000  bounce buffer for BIOS disk transfers  REAL_BOUNCE_ADDR
 *
 * The stack of stage 2 is on a page without code: stage 1 has its own below 7C00, but there each
 * push writes to a page that was executed, which caches and emulators take for self-modifying code.
 *
 * All of stage 2 that runs in real mode lies in the first 64 KB, so that segment 0 reaches it and
 * an offset is the physical address. So do all data: the first 32-bit code still has DS and SS with
 * the real-mode limit. Only 32-bit code lies above. The bounce buffer starts on a 64 KB line and is 64 KB long:
 * no BIOS transfer into it can cross one.
 */
#define BOOT_INFO_ADDR 0x1000
#define BOOT_INFO_MAX 0x2400
#define STAGE2_BSS_ADDR 0x3400
#define STAGE2_BSS_MAX 0x2C00
#define STACK_BOTTOM 0x6000
#define STACK_TOP 0x7000
#define CONFIG_ADDR 0x7000
#define CONFIG_AREA_MAX 0xBEA /* stage 1 had its stack there */
#define ENTRY_STATE_ADDR 0x7BEA /* what stage 1 pushes first (struct entry_state in step.c) */
#define ENTRY_DRIVE_ADDR 0x7BF4 /* DL in it; in the byte behind it, DH, stage 1 notes a guess: */
#define DRIVE_GUESSED 0x80
#define STAGE1_ADDR 0x7C00
#define STAGE2_ADDR 0x8000
#define STAGE2_REAL_MAX 0x7000 /* up to the 64 KB line, but for 4 KB that are kept free */
#define STAGE2_PM_ADDR 0x10000
#define STAGE2_PM_MAX 0xA000
#define CRC_TABLES_ADDR 0x1A000 /* 8 KB */
#define CONFIG_TEXT_ADDR 0x1C000 /* 2 KB, until the page directory is built */
#define PAGE_DIRECTORY_ADDR 0x1C000 /* and an empty page behind it: step mode */
#define HANDOFF_ADDR 0x1E000 /* to a kernel that is not ours: until then the start of its file */
#define HANDOFF_SIZE 0x2000
#define BOUNCE_ADDR 0x20000
#define BOUNCE_SIZE 0x10000
#define LOADER_END 0x30000
#define LINUX_REAL_ADDR 0x30000 /* a kernel of Linux's format that starts in real mode: 64 KB */
#define LINUX_REAL_SIZE 0x10000
#define LINUX_REAL_STACK 0xE000 /* in it: the top of stack and heap, and the command line behind */

#define REAL_TEXT_ADDR 0x1000
#define REAL_DATA_ADDR 0x2000
#define REAL_STACK_ADDR 0x3000
#define REAL_STACK_TOP 0x4000
#define REAL_BOUNCE_ADDR 0x20000
#define REAL_BOUNCE_SIZE 0x8000

/* Conventional memory ends here; video memory and ROMs follow up to 1 MB. */
#define LOW_MEMORY_END 0xA0000
#define HIGH_MEMORY_START 0x100000
#define VGA_TEXT_ADDR 0xB8000
#define VGA_SEGMENT 0xB800 /* the same for real mode */

/* The kernel: linked at PAGE_OFFSET + p_paddr, ours at 1 MB. */
#define KERNEL_PHYS 0x100000
#define PAGE_OFFSET 0xC0000000

/* The loader maps physical 0...this at 0 and at PAGE_OFFSET; more if the kernel image is larger. */
#define LOADER_MAP_MIN 0x800000
#define LOADER_MAP_MAX 0x40000000 /* 1 GB: what lies between PAGE_OFFSET and 4 GB */
#define LARGE_PAGE_SIZE 0x400000  /* 4 MB: one entry of a page directory (SDM 3A §4.3) */

#define KERNEL_STACK_SIZE 16384 /* of each kernel stack */

/* Selectors of the loader's GDT (SDM 3A §3.4.2: index << 3 | TI << 2 | RPL). */
#define LOADER_CS 0x08
#define LOADER_DS 0x10
#define LOADER_CS16 0x18
#define LOADER_DS16 0x20

/* Masks of the two interrupt controllers: bit n set: IRQ n, or 8 + n, is off. */
#define PIC1_MASK_PORT 0x21
#define PIC2_MASK_PORT 0xA1

/* COM1 where the BIOS names no other port, and the port that QEMU and Bochs print from. */
#define COM1_PORT 0x3F8
#define DEBUG_PORT 0xE9

/*
 * Step mode: how long the machine waits for a key before it goes on without stops. The first is where
 * nobody has pressed any yet: long enough to read the first screens, and a machine without keyboard and
 * COM1 still boots. The other is for a keyboard that only the BIOS knew, which dies with irq-off.
 */
#define STEP_FIRST_SECONDS 600
#define STEP_WAIT_SECONDS 30

/* Chapters of docs/ (include/ascent/chapter.h). */
#define CHAPTER_LAST 28

#endif
