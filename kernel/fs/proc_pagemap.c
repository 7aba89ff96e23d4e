/*
 * proc_pagemap.c: /proc/<pid>/pagemap: 8 bytes for each page of the address space, which say where it is, as
 * Linux has them (Documentation/admin-guide/mm/pagemap.rst):
 *
 *   63       62       61            60..56  55..0
 *   present  swapped  of a file     0       frame; or bits 4..0 swap area, 54..5 slot
 */
#include <fs/proc.h>
#include <fs/vfs.h>
#include <lib/errno.h>
#include <mm/user_pages.h>
#include <proc/task.h>

#define PRESENT (1ull << 63)
#define SWAPPED (1ull << 62)
#define OF_FILE (1ull << 61)
#define SLOT_SHIFT 5
#define ENTRY_BYTES 8u
#define PAGES (PAGE_OFFSET / PAGE_SIZE)
#define AT_ONCE 32u

static uint64_t entry_of(const struct mm_struct *mm, uint32_t page) {
    uint64_t value = pte_find(&mm->pt, virt_addr(page << PAGE_SHIFT)).value;

    if (pte_is_swapped(value))
        return SWAPPED | pte_swap_area(value) | (uint64_t)pte_swap_place(value) << SLOT_SHIFT;
    if (!pte_has_frame(value)) return 0;
    const struct page *frame = entry_frame(mm->pt.mode, value);
    bool own = page_owner(frame) == OWNER_USER || frame == zero_page;
    return PRESENT | page_to_pfn(frame).value | (own ? 0 : OF_FILE);
}

/* A piece at a time. Where it goes to may be memory of the same process, which changes by that. */
static int32_t pagemap_read(struct file *file, struct io *io, uint64_t *offset) {
    const struct task *task = proc_task(file->inode);
    uint64_t entries[AT_ONCE];
    int32_t done = 0;

    if (*offset % ENTRY_BYTES || io->left % ENTRY_BYTES) return -EINVAL;
    if (!task) return -ESRCH;
    while (task->mm && io->left && *offset / ENTRY_BYTES < PAGES) {
        uint32_t first = (uint32_t)(*offset / ENTRY_BYTES), count = io->left / ENTRY_BYTES;
        if (count > AT_ONCE) count = AT_ONCE;
        if (count > PAGES - first) count = PAGES - first;
        for (uint32_t i = 0; i < count; i++) entries[i] = entry_of(task->mm, first + i);
        uint32_t moved = io_put(io, entries, count * ENTRY_BYTES);
        done += (int32_t)moved;
        *offset += moved;
        if (moved < count * ENTRY_BYTES) return done ? done : -EFAULT;
    }
    return done;
}

const struct file_operations proc_pagemap = {.open = proc_open_private, .read = pagemap_read};
