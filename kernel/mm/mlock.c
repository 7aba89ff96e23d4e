/*
 * mlock.c: pages that stay in memory, whatever others want: mlock(2). The clock passes their areas
 * over. Hardware-free.
 */
#include <mm/vma.h>

static bool is_locked(const struct vm_area_struct *area) {
    return area->flags & VM_LOCKED;
}

/* One area, or the part of it that is in the range. It may be joined with others then. */
static int set_locked(struct mm_struct *mm, uint32_t start, uint32_t end) {
    int error = area_cut(mm, start, end);

    if (error) return error;
    vma_find(mm, start)->flags ^= VM_LOCKED;
    area_join(mm, start, end);
    return 0;
}

int32_t mm_lock(struct mm_struct *mm, uint32_t start, uint32_t end, bool locked) {
    const struct vm_area_struct *area;

    while (start < end && (area = vma_find(mm, start)) && area->start < end) {
        uint32_t first = area->start > start ? area->start : start;
        uint32_t next = area->end < end ? area->end : end;
        int error = is_locked(area) != locked ? set_locked(mm, first, next) : 0;
        if (error) return error;
        start = next;
    }
    return 0;
}

int32_t mm_lock_all(struct mm_struct *mm, unsigned which) {
    int32_t error = 0;

    mm->new_flags = which & MCL_FUTURE ? VM_LOCKED : 0;
    mm->populates = which & MCL_FUTURE && !(which & MCL_ONFAULT);
    if (which & MCL_CURRENT || !which) error = mm_lock(mm, 0, PAGE_OFFSET, which);
    if (!error && which & MCL_CURRENT && !(which & MCL_ONFAULT)) mm_populate(mm, 0, PAGE_OFFSET);
    return error;
}

uint32_t mm_locked_pages(const struct mm_struct *mm) {
    uint32_t pages = 0;

    for (const struct vm_area_struct *area = mm->first; area; area = area->next)
        if (is_locked(area)) pages += area_pages(area);
    return pages;
}
