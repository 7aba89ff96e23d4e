/*
 * linux_params.c: what a kernel of Linux's format is handed. 32-bit code. Contracts in linux.h.
 *
 * boot_params (boot.rst, "32-bit Boot Protocol"; zero-page.rst) has the setup header where the file has
 * it, at 1F1h: so the head of the file becomes boot_params, by clearing what is around the header.
 *
 *   HANDOFF_ADDR     boot_params
 *     + 1000h        command line
 */
#include <ascent/layout.h>

#include "boot.h"
#include "bytes.h"
#include "linux.h"
#include "map.h"
#include "paging.h"
#include "pm.h"

#define E820_MAX 128 /* ranges that boot_params has room for */
#define CHARACTER_LINES 16
#define KB 1024u

/* Linux's arch/x86/include/uapi/asm/bootparam.h, as far as a loader without graphics fills it in. */
struct boot_params {
    uint8_t orig_x, orig_y; /* the cursor */
    uint16_t ext_mem_k;
    uint16_t orig_video_page;
    uint8_t orig_video_mode, orig_video_cols;
    uint8_t flags, unused;
    uint16_t orig_video_ega_bx;
    uint16_t unused2;
    uint8_t orig_video_lines, orig_video_is_vga;
    uint16_t orig_video_points;
    uint8_t rest[0x1E0 - 0x12];
    uint32_t alt_mem_k; /* KB above 1 MB */
    uint32_t unused3;
    uint8_t e820_entries;
    uint8_t unused4[8];
    struct linux_header header;
    uint8_t unused5[0x2D0 - LINUX_HEADER_OFFSET - sizeof(struct linux_header)];
    struct {
        uint64_t base, length;
        uint32_t type;
    } __attribute__((packed)) e820_table[E820_MAX];
} __attribute__((packed));
_Static_assert(offsetof(struct boot_params, header) == LINUX_HEADER_OFFSET, "zero-page.rst");
_Static_assert(offsetof(struct boot_params, e820_table) == 0x2D0, "zero-page.rst");
_Static_assert(sizeof(struct boot_params) <= PAGE_SIZE, "boot_params is a page");
_Static_assert(MEMORY_MAP_MAX <= E820_MAX, "room for our map");

static void clear(uint32_t start, uint32_t end) {
    struct zero_request request = {start, end - start};

    pm_zero(&request);
}

/* All but the setup header, whose own length says where it ends. */
static void clear_around_header(const struct boot_params *params) {
    uint32_t end = LINUX_HEADER_JUMP_END + params->header.header_end;
    uint32_t table = offsetof(struct boot_params, e820_table);

    clear(HANDOFF_ADDR, HANDOFF_ADDR + LINUX_HEADER_OFFSET);
    clear(HANDOFF_ADDR + (end < table ? end : table), HANDOFF_ADDR + HANDOFF_SIZE);
}

static void fill_screen(struct boot_params *params) {
    params->orig_x = (uint8_t)boot_info.cursor_column;
    params->orig_y = (uint8_t)boot_info.cursor_row;
    params->orig_video_mode = (uint8_t)boot_info.video_mode;
    params->orig_video_cols = (uint8_t)boot_info.screen_columns;
    params->orig_video_lines = (uint8_t)boot_info.screen_rows;
    params->orig_video_is_vga = 1;
    params->orig_video_points = CHARACTER_LINES;
}

static void fill_memory_map(struct boot_params *params) {
    params->e820_entries = (uint8_t)boot_info.map_count;
    for (uint32_t i = 0; i < boot_info.map_count; i++) {
        const struct memory_range *range = &memory_map[i];
        params->e820_table[i].base = range->base;
        params->e820_table[i].length = range->length;
        params->e820_table[i].type = range->type;
        if (range->type == MEMORY_USABLE && range->base == HIGH_MEMORY_START)
            params->alt_mem_k = (uint32_t)(range->length / KB);
    }
}

/* code32_start is the kernel's own, but where it lies elsewhere (boot.rst, "relocatable_kernel"). */
static void fill_header(struct linux_header *header, uint32_t cmdline) {
    header->type_of_loader = LINUX_LOADER_UNKNOWN;
    if (boot_info.kernel_phys != HIGH_MEMORY_START) header->code32_start = boot_info.kernel_phys;
    header->ramdisk_image = boot_info.initrd_bytes ? boot_info.initrd_phys : 0;
    header->ramdisk_size = boot_info.initrd_bytes;
    header->cmd_line_ptr = cmdline;
    copy_bytes((void *)cmdline, boot_cmdline, sizeof(boot_cmdline));
}

void linux_build(void) {
    struct boot_params *params = (struct boot_params *)HANDOFF_ADDR;

    clear_around_header(params);
    fill_screen(params);
    fill_memory_map(params);
    fill_header(&params->header, HANDOFF_ADDR + PAGE_SIZE);
    handover_entry = boot_info.kernel_entry;
}

/*
 * boot.rst, "The Kernel Command Line" and "Memory Layout": the real-mode part, its heap and stack, and
 * the command line share 64 KB.
 */
void pm_linux_real_build(void *unused) {
    struct boot_params *params = (struct boot_params *)LINUX_REAL_ADDR;

    (void)unused;
    fill_header(&params->header, LINUX_REAL_ADDR + LINUX_REAL_STACK);
    params->header.loadflags |= LINUX_CAN_USE_HEAP;
    params->header.heap_end_ptr = LINUX_REAL_STACK - LINUX_HEAP_END_BASE;
}
