/*
 * pm.h: 32-bit code for real-mode callers.
 */
#ifndef STAGE2_PM_H
#define STAGE2_PM_H

#include <stdbool.h>
#include <stdint.h>

#include <ascent/boot_info.h>

#include "map.h"

/*
 * Switches to protected mode with flat 4 GB segments, calls `function(argument)` there, and comes
 * back to real mode. `function` must be 32-bit code (stage2/pm/). Interrupts are off meanwhile and
 * as before afterwards; an NMI is taken. For work below 1 MB: A20 may be off. SDM 3A §9.9.
 */
void pm_switch(void (*function)(void *argument), void *argument);

/*
 * The same, with A20 on: a BIOS call may have switched it off. Switches it on again, and stops with
 * E_A20 if that fails. Real mode, after a20_enable().
 */
void pm_call(void (*function)(void *argument), void *argument);

/* BOOT.CFG, taken apart and kept (config.h). A text of 0: the one that is kept, for another choice. */
struct config_request {
    const char *text;
    uint32_t length;
    uint32_t choice;
    uint32_t error; /* the answer: enum boot_error */
};
void pm_config(void *argument); /* struct config_request; needs no A20 */

/* Part of a file, and what is done with it when it passes by. */
enum extent_action {
    EXTENT_COPY,    /* it goes to `phys` */
    EXTENT_COMPARE, /* it must be the same as the bytes at `phys`, which were read before */
};
struct extent {
    uint32_t offset; /* bytes from the start of the file */
    uint32_t bytes;
    uint32_t phys;
    uint32_t action; /* enum extent_action */
};

/*
 * Takes `bytes` of a file at `offset`, which lie at physical `source`, to where they belong. The
 * checksum is that of the bytes where they arrived, or at `source` if nobody wants them.
 */
struct delivery {
    uint32_t source;
    uint32_t offset;
    uint32_t bytes;
    const struct extent *extents;
    uint32_t extent_count;
    uint32_t crc; /* CRC-32 so far; updated when want_crc */
    uint32_t want_crc;
    uint32_t differs; /* set when an extent is not the same as what it is compared with */
};
void pm_deliver(void *argument); /* struct delivery */

/* Copies `bytes` from one physical address to another. */
struct copy_request {
    uint32_t to, from, bytes;
};
void pm_copy(void *argument); /* struct copy_request */

/* Are `bytes` at two physical addresses the same? And: makes each of them differ, both are lost. */
struct compare_request {
    uint32_t a, b, bytes;
    uint32_t same;
};
void pm_compare(void *argument);        /* struct compare_request */
void pm_make_different(void *argument); /* struct compare_request */

/* The checks of elf.h, of the kernel's headers. The range of the segments goes to boot_info. */
struct elf_request {
    const struct elf32_ehdr *ehdr;
    const struct elf32_phdr *phdrs;
    uint32_t file_bytes;
    uint32_t error; /* the answer: enum boot_error */
};
void pm_check_header(void *argument);   /* struct elf_request */
void pm_check_segments(void *argument); /* struct elf_request */

/* elf_read_notes(). */
struct note_request {
    const void *notes;
    uint32_t bytes;
    struct kernel_note *asked;
};
void pm_read_notes(void *argument); /* struct note_request */

/* Fills `bytes` at physical `phys` with zeros. */
struct zero_request {
    uint32_t phys, bytes;
};
void pm_zero(void *argument); /* struct zero_request */

/* Adds `range` to the raw map of boot_info; makes the sanitised map of that (pm/sanitise.h). */
struct map_request {
    struct memory_range range;
    uint32_t low_end;
    struct map_loss loss; /* adds up */
};
void pm_map_add(void *argument);      /* struct map_request */
void pm_map_sanitise(void *argument); /* struct map_request */

/* Looks for the RSDP; its address goes to boot_info.rsdp_phys, 0 if there is none. */
void pm_find_rsdp(void *unused);

/* Draws the screen of a step, what B will do, or nothing. */
struct step_request {
    uint32_t view; /* enum step_view */
    const struct boot_step *before, *now;
};
void pm_step_show(void *argument); /* struct step_request */

/* Prints how the disk was read, how A20 came on, and what was worked around; as pm_report(). */
void pm_methods(void *unused);

/* The list of choices (menu.h): printed; and what becomes of it with a key, or when a tick has passed. */
#define MENU_TICKS(seconds) ((seconds) * 182 / 10)
struct menu_request {
    uint32_t marked;     /* the choice that Enter starts, from 0 */
    uint32_t ticks_left; /* until that happens unasked; 0: never */
    char key;            /* 0: a tick */
    bool taken, with_steps;
};
void pm_menu_show(void *argument); /* struct menu_request */
void pm_menu(void *argument);      /* struct menu_request */

/* Prints the error, its details and its remedy; as pm_report(). */
struct error_request {
    uint32_t error;      /* enum boot_error */
    const char *subject; /* what it is about, such as a path, or 0 */
};
void pm_error(void *argument); /* struct error_request */

/* Prints what machine this is, from boot_info.cursor_row on (ascent/report.h). Needs no A20. */
void pm_report(void *unused);

/*
 * The end of a checkpoint that stops in the loader (include/ascent/chapter.h): says what it has, and
 * stands still. checkpoint_end() is for real mode, pm_checkpoint() for protected mode, from
 * boot_info.cursor_row on. Neither returns.
 */
void __attribute__((noreturn)) checkpoint_end(void);
void pm_checkpoint(void *unused);

/* handover.asm: the way from real mode to the kernel's entry. Does not return. */
void __attribute__((noreturn)) handover(void);

#endif
