/*
 * file_cut.c: a file has become shorter, and what was mapped of its end is not there any more.
 * Hardware-free.
 *
 * Nobody keeps a list of who maps a file: all areas of all spaces are looked at. A shell that
 * empties a file pays some thousand instructions for it; every map of a file would pay for a list.
 */
#include <fs/file.h>
#include <mm/user_pages.h>

struct cut {
    uint32_t device, inode_number, pages;
};

static bool is_the_file(const struct cut *cut, const struct file *file) {
    return file && file_inode_number(file) == cut->inode_number && file_device(file) == cut->device;
}

/* The first address in an area that is beyond the end of its file. */
static uint32_t first_beyond(const struct vm_area_struct *area, uint32_t pages) {
    uint32_t within = pages > area->pgoff ? pages - area->pgoff : 0;
    return within < area_pages(area) ? area->start + (within << PAGE_SHIFT) : area->end;
}

static void cut_space(struct mm_struct *mm, const struct cut *cut) {
    struct tlb_gather gather;

    tlb_gather_start(&gather, &mm->pt);
    for (const struct vm_area_struct *area = mm->first; area; area = area->next) {
        uint32_t start = first_beyond(area, cut->pages);
        if (start < area->end && is_the_file(cut, area->file))
            user_pages_unmap(&gather, mm, start, area->end);
    }
    tlb_gather_finish(&gather);
}

void mm_file_cut(uint32_t device, uint32_t inode_number, uint32_t pages) {
    const struct cut cut = {device, inode_number, pages};

    for (struct mm_struct *mm = mm_first(); mm; mm = mm->next_space) cut_space(mm, &cut);
}
