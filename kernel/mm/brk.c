/*
 * brk.c: the heap: one area from start_brk up to brk, in whole pages: brk(2). Hardware-free.
 */
#include <mm/vma.h>

/* The heap's data and the program's are limited together (RLIMIT_DATA), as in Linux. */
static bool is_within_limit(const struct mm_struct *mm, uint32_t end) {
    uint32_t program = mm->end_data - mm->start_data, heap = end - mm->start_brk;

    if (mm->limit_data == RLIM_INFINITY) return true;
    return heap <= mm->limit_data && program <= mm->limit_data - heap;
}

/* More pages: in front of other areas, the gap below a stack and the page behind the heap stay
 * free. */
static bool add_pages(struct mm_struct *mm, uint32_t from, uint32_t to) {
    const unsigned flags = VM_READ | VM_WRITE | VM_MAYWRITE | VM_HEAP;
    struct vm_area_struct *area = NULL;

    if (to > PAGE_OFFSET - PAGE_SIZE || !vma_hole_holds(mm, from, to + PAGE_SIZE)) return false;
    if (mm->areas < AREAS_MAX && area_may_grow(mm, flags, (to - from) >> PAGE_SHIFT))
        area = area_alloc();
    if (!area) return false;
    area->start = from;
    area->end = to;
    area->flags = flags | mm->new_flags;
    area_add(mm, area);
    return true;
}

uint32_t mm_brk(struct mm_struct *mm, uint32_t end) {
    uint32_t from = (uint32_t)whole_pages(mm->brk), to = (uint32_t)whole_pages(end);
    bool done = true;

    if (end < mm->start_brk || end > PAGE_OFFSET || !is_within_limit(mm, end)) return mm->brk;
    if (to < from)
        done = mm_munmap(mm, to, from - to) == 0;
    else if (to > from)
        done = add_pages(mm, from, to);
    if (done) mm->brk = end;
    return mm->brk;
}
