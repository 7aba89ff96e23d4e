/*
 * step_screen.c: the screen of the loader's steps. 32-bit code, called through pm_call() for the
 * steps of real mode. Up to ds-load, DS has its limit of real mode: 64 KB.
 */
/* Read with a flat DS alone: they lie with the 32-bit code (linker/stage2.ld). */
#define STEP_DIRECTORY_SECTION __attribute__((section(".late_rodata")))

#include <ascent/step_directory.h>
#include <ascent/step_screen.h>

#include <ascent/step_capture.h>
#include <ascent/io.h>

#include "boot.h"
#include "config.h"
#include "page_directory.h"
#include "pm.h"
#include "serial.h"

#define TEST_ADDRESS 0x500 /* free: behind the BIOS data area */
#define TEST_VALUE 0x12345678

static const struct step_bit step_cr4_bits[] = {{4, "PSE"}, {5, "PAE"}, {7, "PGE"}, {0, ""}};

/* ---- rows -------------------------------------------------------------------------------------- */

/*
 * The screen is written through FS. At cs-load that is the segment B800h of real mode: base and
 * limit are in its cache, and stay valid until it is loaded anew, as those of CS do at pe-set.
 * Everywhere else it is flat.
 */
static void step_put_cell(uint32_t cell, uint32_t value) {
    uint32_t offset = cell * 2;

    if ((READ_REGISTER("fs") & 0xFFFF) != VGA_SEGMENT) offset += VGA_TEXT_ADDR;
    __asm__ volatile("movw %w0, %%fs:(%1)" : : "r"(value), "r"(offset) : "memory");
}

static void step_send(const char *text) {
    while (*text) serial_putc(*text++);
}

/* ---- what the step is about -------------------------------------------------------------------- */

static void show_bytes(uint32_t address, int bytes, const char *what) {
    row_text("  ");
    row_hex(address, 6);
    row_text("  ");
    for (int i = 0; i < bytes; i++) {
        row_hex(((const uint8_t *)address)[i], 2);
        row_char(' ');
    }
    row_tab(58);
    row_text(what);
    row_end();
}

static void show_mbr(void) {
    row_line("The sector that the BIOS loaded:");
    show_bytes(STAGE1_ADDR, 16, "first instructions");
    show_bytes(STAGE1_ADDR + MBR_TABLE_OFFSET, 16, "first partition");
    show_bytes(STAGE1_ADDR + MBR_SIGNATURE_OFFSET, 2, "boot signature");
    show_bytes(ENTRY_DRIVE_ADDR, 1, "DL: the boot drive");
}

static void show_stage2(void) {
    row_line("Its header, from sector 1 of the disk:");
    show_bytes(STAGE2_ADDR, 4, "magic: AST2");
    show_bytes(STAGE2_ADDR + STAGE2_HEADER_SECTORS, 2, "sectors");
    show_bytes(STAGE2_ADDR + STAGE2_HEADER_CRC, 4, "CRC-32: right");
}

static void show_cpu(void) {
    static const char names[][6] = {"CPUID", "TSC", "PSE", "PAE", "NX"};

    for (int i = 0; i < 5; i++) {
        row_text(boot_info.cpu_flags >> i & 1 ? "  has " : "  no ");
        row_text(names[i]);
    }
    row_end();
}

static void show_a20(void) {
    volatile uint32_t *low = (volatile uint32_t *)TEST_ADDRESS;
    uint32_t saved = *low;

    *low = TEST_VALUE;
    row_line("A value written to 0000:0500 must not appear 1 MB higher:");
    show_bytes((uint32_t)low, 4, "0000:0500");
    show_bytes((uint32_t)low + HIGH_MEMORY_START, 4, "FFFF:0510");
    *low = saved;
}

/* Of the ranges that overlap it, the one that matters most. */
static char cell_kind(uint32_t first_kb, uint32_t end_kb) {
    char kind = '.';

    for (uint32_t i = 0; i < boot_info.map_count; i++) {
        const struct memory_range *range = &memory_map[i];
        uint32_t from = (uint32_t)(range->base >> 10);
        uint32_t to = (uint32_t)((range->base + range->length) >> 10);
        if (to <= first_kb || from >= end_kb) continue;
        if (range->type != MEMORY_USABLE) return 'r';
        kind = '#';
    }
    return kind;
}

static void show_bar(uint32_t end_mb) {
    row_text("  0 ");
    for (uint32_t i = 0; i < 64; i++) row_char(cell_kind(end_mb * 16 * i, end_mb * 16 * (i + 1)));
    row_char(' ');
    row_number(end_mb);
    row_line(" MB");
}

static void show_memory_map(void) {
    uint32_t end_mb = 1;

    for (uint32_t i = 0; i < boot_info.map_count; i++)
        if (memory_map[i].type == MEMORY_USABLE)
            end_mb = (uint32_t)((memory_map[i].base + memory_map[i].length) >> 20) + 1;
    row_line("The first MB and all of it: # usable, r reserved or ACPI, . nothing");
    show_bar(1);
    show_bar(end_mb);
}

/* Text from the disk: what is not printable ASCII as \xNN. */
static void row_outside(const char *text) {
    for (; *text; text++) {
        if (*text >= ' ' && *text < 0x7F) {
            row_char(*text);
        } else {
            row_text("\\x");
            row_hex((uint8_t)*text, 2);
        }
    }
}

static void show_range(const char *name, uint32_t from, uint32_t end) {
    row_text("  ");
    row_hex(from, 8);
    row_char('-');
    row_hex(end - 1, 8);
    row_char(' ');
    row_outside(name);
    row_end();
}

static void show_kernel(void) {
    row_text("Physical memory; the entry point is ");
    row_hex(boot_info.kernel_entry, 8);
    row_end();
    show_range(config.kernel, boot_info.kernel_phys, boot_info.kernel_phys_end);
    if (boot_info.symtab_bytes)
        show_range("its symbols", boot_info.symtab_phys,
                   boot_info.strtab_phys + boot_info.strtab_bytes);
    if (boot_info.initrd_bytes)
        show_range(config.initrd, boot_info.initrd_phys,
                   boot_info.initrd_phys + boot_info.initrd_bytes);
}

/* An entry is marked that is not as it was when it was last shown: new, or used by the processor. */
static void show_page_directory(const struct boot_step *now) {
    static uint32_t shown[STEP_WITHOUT_ROW - STEP_DETAIL_ROW];
    uint32_t rows = 0, left = 0;

    step_show_directory_heading(now->cr0 >> 31);
    for (uint32_t i = 0; i < TABLE_ENTRIES; i++) {
        uint32_t entry = page_directory()[i];
        if (!(entry & PAGE_P)) continue;
        if (step_row.number < STEP_WITHOUT_ROW - 1) {
            step_show_directory_entry(i, entry, entry != shown[rows]);
            shown[rows++] = entry;
        } else {
            left++;
        }
    }
    row_text("  and ");
    row_number(left);
    row_line(" more; all others are not present");
}

static void step_detail(const struct boot_step *before, const struct boot_step *now) {
    switch (now->id) {
    case STEP_MBR: show_mbr(); break;
    case STEP_STAGE2: show_stage2(); break;
    case STEP_CPU: show_cpu(); break;
    case STEP_A20: show_a20(); break;
    case STEP_MEMORY_MAP: show_memory_map(); break;
    case STEP_KERNEL_LOADED: show_kernel(); break;
    case STEP_IRQ_OFF:
        step_show_masks();
        row_end();
        break;
    case STEP_GDT_LOAD:
    case STEP_PE_SET:
    case STEP_CS_LOAD:
    case STEP_DS_LOAD: step_show_gdt(before, now); break;
    default: show_page_directory(now);
    }
}

void pm_step_show(void *argument) {
    const struct step_request *request = argument;

    step_draw_view(request->view, request->before, request->now);
}
