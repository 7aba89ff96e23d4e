/*
 * boot_info.h: what the loader tells the kernel. A public contract, explained in
 * docs/reference/boot-protocol.md.
 *
 * At entry: protected mode, paging on, CS and DS, ES, FS, GS, SS flat ring-0 segments, IF = 0,
 * EAX = BOOT_MAGIC, EBX = virtual address of struct boot_info, ESP = a stack of 4 KB.
 * Addresses named ..._phys are physical; the loader maps them at PAGE_OFFSET + physical, as far as
 * mapped_bytes reaches. Later versions only add fields at the end: a kernel that needs a field
 * checks that `size` reaches past it.
 */
#ifndef ASCENT_BOOT_INFO_H
#define ASCENT_BOOT_INFO_H

#include <stdint.h>

#define BOOT_MAGIC 0x54435341 /* "ASCT", in EAX and in boot_info.magic */
#define BOOT_INFO_VERSION 2

#define MEMORY_MAP_MAX 128
#define BOOT_STEPS_MAX 32
#define CMDLINE_MAX 256 /* bytes, with the final NUL */

/* Types of memory (ACPI 6.4 §15.1, INT 15h E820). The loader passes unknown types through. */
enum memory_type {
    MEMORY_USABLE = 1,
    MEMORY_RESERVED = 2,
    MEMORY_ACPI_RECLAIMABLE = 3,
    MEMORY_ACPI_NVS = 4,
    MEMORY_BAD = 5,
};

/* One range of physical addresses, in the layout of an E820 entry. */
struct memory_range {
    uint64_t base;   /* physical address of the first byte */
    uint64_t length; /* bytes */
    uint32_t type;   /* enum memory_type */
    uint32_t attributes; /* 1; those of ACPI 3.0 are not asked for, BIOSes get them wrong */
} __attribute__((packed));

/* Where the memory map came from. */
enum memory_map_source {
    MAP_FROM_E820 = 1,
    MAP_FROM_E801 = 2,
    MAP_FROM_88 = 3,
};

/* How A20 came to be on. */
enum a20_method {
    A20_WAS_ON = 1,
    A20_BIOS = 2,       /* INT 15h AX=2401h */
    A20_KEYBOARD = 3,   /* 8042 output port */
    A20_PORT_92 = 4,    /* system control port A */
};

/* How sectors are read. */
enum disk_method {
    DISK_EDD = 1, /* INT 13h AH=42h, EDD-3.0 */
    DISK_CHS = 2, /* INT 13h AH=02h */
};

/* Processor state at a step. Fields that the processor does not have read 0. */
struct boot_step {
    uint32_t id; /* enum step_id */
    uint32_t cr0, cr3, cr4;
    uint32_t eip, esp, eflags;
    uint32_t cs, ds, ss;
    uint32_t gdtr_base, gdtr_limit;
    uint32_t idtr_base, idtr_limit;
    uint64_t tsc; /* time stamp counter; 0 without one */
} __attribute__((packed));

/* boot_info.flags */
#define BOOT_MAP_TRUNCATED 0x1 /* one of the maps had more than MEMORY_MAP_MAX ranges */
#define BOOT_HAS_SERIAL 0x2    /* COM1 answers, and is set up */
#define BOOT_PSE_TABLES 0x4    /* the loader's tables use 4 MB pages */

/* boot_info.step_mode */
#define STEP_MODE_ON 0x1       /* stop at each step */
#define STEP_MODE_BIOS_KEY 0x2 /* somebody has pressed a key that the BIOS reported */
#define STEP_MODE_KEY 0x4      /* or one that comes without the BIOS too: keyboard or COM1 */

/* Bits of boot_info.workarounds. */
enum workaround {
#define WORKAROUND(number, name, text, seen) WORKAROUND_##name = (number),
#include <ascent/workarounds.def>
#undef WORKAROUND
};

/* boot_info.cpu_flags */
#define BOOT_CPU_CPUID 0x1
#define BOOT_CPU_TSC 0x2
#define BOOT_CPU_PSE 0x4
#define BOOT_CPU_PAE 0x8
#define BOOT_CPU_NX 0x10
#define BOOT_CPU_CR4 0x20
#define BOOT_CPU_LONG 0x40 /* long mode, so there is IA32_EFER */

struct boot_info {
    uint32_t magic;   /* BOOT_MAGIC */
    uint32_t version; /* BOOT_INFO_VERSION */
    uint32_t size;    /* bytes of this structure as the loader knows it */
    uint32_t flags;

    /* Memory: sorted, without overlaps, reserved wins; and as the BIOS gave it. */
    uint32_t map_phys; /* struct memory_range[map_count] */
    uint32_t map_count;
    uint32_t raw_map_phys; /* struct memory_range[raw_map_count] */
    uint32_t raw_map_count;
    uint32_t map_source; /* enum memory_map_source */

    /* The kernel: all of its segments lie in [kernel_phys, kernel_phys_end). */
    uint32_t kernel_phys;
    uint32_t kernel_phys_end;
    uint32_t kernel_entry; /* virtual */
    uint32_t symtab_phys;  /* Elf32_Sym[]; 0 bytes unless the kernel's note asks for symbols */
    uint32_t symtab_bytes;
    uint32_t strtab_phys;
    uint32_t strtab_bytes;

    uint32_t initrd_phys; /* page aligned; may lie above mapped_bytes */
    uint32_t initrd_bytes;

    uint32_t cmdline_phys; /* NUL-terminated string */

    /* The disk we came from. */
    uint32_t boot_drive;     /* BIOS drive number (DL) */
    uint32_t boot_partition; /* 1 to 4 */
    uint32_t partition_lba;
    uint32_t disk_method;       /* enum disk_method */
    uint32_t disk_max_transfer; /* sectors a call, after any halving */

    /* Text screen: 80 by 25 at B8000h. */
    uint32_t video_mode; /* of INT 10h AH=0Fh */
    uint32_t screen_columns;
    uint32_t screen_rows;
    uint32_t cursor_row; /* from 0 */
    uint32_t cursor_column;

    /* The loader's tables: both maps end at mapped_bytes. */
    uint32_t page_directory_phys;
    uint32_t page_tables_phys; /* 4 KB tables, where there is no PSE; else 0 bytes */
    uint32_t page_tables_bytes;
    uint32_t mapped_bytes;

    /* Low memory in use by the loader, boot_info included: free once the kernel has copied it. */
    uint32_t loader_phys;
    uint32_t loader_phys_end;

    uint32_t cpu_flags;
    uint32_t a20_method; /* enum a20_method */

    uint32_t steps_phys; /* struct boot_step[steps_count] */
    uint32_t steps_count;
    uint32_t step_mode; /* 0: do not stop at steps; else flags, STEP_MODE_ON among them */

    uint32_t workarounds; /* a bit for each of enum workaround that the machine needed */
    uint32_t serial_port; /* the first port of COM1, where BOOT_HAS_SERIAL says that there is one */

    uint32_t pic_masks; /* of IRQ 0 to 15, as the BIOS has left them: a 1 is off */

    /* From here on: version 2. What is not known reads 0. */

    uint32_t disk_signature; /* bytes 440 to 443 of the boot sector, by which systems know a disk */
    uint32_t sector_size;    /* bytes, as EDD says; 512 without it */

    /* INT 13h AH=41h (EDD-3.0 §8.1): 30h is EDD-3.0; bit 0: packet calls, 2: AH=48h. */
    uint32_t edd_version;
    uint32_t edd_functions;

    /* AH=48h (§8.8): what the BIOS takes the disk for. */
    uint32_t disk_flags; /* bit 1: the geometry is valid, 2: removable, 3: writes are verified */
    uint32_t disk_cylinders;
    uint32_t disk_heads;
    uint32_t disk_track_sectors;
    uint32_t disk_sectors; /* of the whole disk, and the upper half of that number */
    uint32_t disk_sectors_high;
    uint32_t disk_bus;       /* four characters: "PCI ", "ISA " */
    uint32_t disk_interface; /* the first four: "ATA ", "ATAP", "SCSI", "USB ", "1394", "FIBR" */

    uint32_t rsdp_phys; /* where the ACPI tables begin (ACPI 6.4 §5.2.5) */
};

/*
 * A kernel asks for more with an ELF note (ELF §2-4) in a PT_NOTE segment: name "Ascent", type
 * ASCENT_NOTE_TYPE, a descriptor of one 32-bit word of the flags below. With ASCENT_NOTE_REQUIRES two
 * more words follow: the lowest version of boot_info that will do, and features, of which none may be
 * missing. Version 1 does not know this flag, and so refuses. The note may be absent.
 */
#define ASCENT_NOTE_NAME "Ascent"
#define ASCENT_NOTE_TYPE 1
#define ASCENT_NOTE_SYMBOLS 0x1 /* load .symtab and its string table behind the kernel */
#define ASCENT_NOTE_CHECKSUM 0x2 /* refuse to boot without kernel_crc32 in BOOT.CFG */
#define ASCENT_NOTE_REQUIRES 0x4 /* the words for version and features are there */
#define ASCENT_NOTE_KNOWN 0x7    /* other flags are refused */

/* What a loader can do; each comes with a version, but a loader of another hand may leave some out. */
#define ASCENT_FEATURE_DISK 0x1 /* tells what EDD says of the disk: disk_signature to disk_interface */
#define ASCENT_FEATURE_RSDP 0x2 /* looks for the RSDP */
#define ASCENT_FEATURES_KNOWN 0x3 /* others are refused */

#endif
