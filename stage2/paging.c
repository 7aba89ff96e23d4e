/*
 * paging.c: the plan of the loader's page tables. Real mode.
 *
 * Physical 0 to mapped_bytes appears twice: at 0 (the identity map, which keeps EIP valid when
 * CR0.PG is set) and at PAGE_OFFSET (where the kernel is linked). With PSE a page directory of
 * 4 MB pages is enough; a 486 has none, and gets one page table for each 4 MB, used by both maps.
 */
#include "paging.h"

#include <ascent/chapter.h>
#include <ascent/layout.h>
#include <stdbool.h>

#include "boot.h"
#include "error.h"
#include "kernel_kind.h"
#include "room.h"

static uint32_t round_up(uint32_t bytes) {
    return (bytes + LARGE_PAGE_SIZE - 1) & ~(uint32_t)(LARGE_PAGE_SIZE - 1);
}

enum boot_error paging_plan(void) {
    if (kernel_kind != KERNEL_ASCENT) return BOOT_OK; /* it starts without */
    boot_info.page_directory_phys = PAGE_DIRECTORY_ADDR;
    boot_info.mapped_bytes = room_end() > LOADER_MAP_MIN ? round_up(room_end()) : LOADER_MAP_MIN;
    if (chapter_has(15) && boot_info.cpu_flags & BOOT_CPU_PSE) {
        boot_info.flags |= BOOT_PSE_TABLES;
        return BOOT_OK;
    }
    /* The tables are to be mapped themselves, so that the kernel can read them: one more for that. */
    if (boot_info.mapped_bytes < LOADER_MAP_MAX) boot_info.mapped_bytes += LARGE_PAGE_SIZE;
    boot_info.page_tables_bytes = boot_info.mapped_bytes / LARGE_PAGE_SIZE * PAGE_SIZE;
    boot_info.page_tables_phys = room_take(boot_info.page_tables_bytes, boot_info.mapped_bytes);
    return boot_info.page_tables_phys ? BOOT_OK : E_NO_ROOM_TABLES;
}
