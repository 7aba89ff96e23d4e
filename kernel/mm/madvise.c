/*
 * madvise.c: what a program says and asks about its pages: madvise(2), mincore(2), and pages
 * brought in before they are touched. Hardware-free.
 */
#include <fs/file.h>
#include <lib/errno.h>
#include <mm/user_pages.h>

/* The contents are not needed any more: private memory is zeros, or the file's, when touched next.
 */
static void drop_pages(struct mm_struct *mm, uint32_t start, uint32_t end) {
    struct tlb_gather gather;

    tlb_gather_start(&gather, &mm->pt);
    for (struct vm_area_struct *area = vma_find(mm, start); area && area->start < end;
         area = area->next)
        user_pages_unmap(&gather, mm, area->start > start ? area->start : start,
                         area->end < end ? area->end : end);
    tlb_gather_finish(&gather);
}

/* What is locked stays. MADV_FREE is for anonymous private memory only; else it may be done at
 * once. */
static bool may_drop(const struct mm_struct *mm, uint32_t start, uint32_t end, uint32_t advice) {
    for (const struct vm_area_struct *area = vma_find(mm, start); area && area->start < end;
         area = area->next)
        if (area->flags & VM_LOCKED || (area->file && advice == MADV_FREE)) return false;
    return true;
}

int32_t mm_madvise(struct mm_struct *mm, uint32_t address, uint32_t bytes, uint32_t advice) {
    uint32_t end = address + (uint32_t)whole_pages(bytes);

    if (address % PAGE_SIZE || end < address || (bytes && end == address)) return -EINVAL;
    switch (advice) {
    case MADV_FREE:
    case MADV_DONTNEED:
        if (!may_drop(mm, address, end, advice)) return -EINVAL;
        drop_pages(mm, address, end);
        break;
    case MADV_NORMAL:
    case MADV_RANDOM:
    case MADV_SEQUENTIAL:
    case MADV_WILLNEED:
    case MADV_DONTDUMP:
    case MADV_DODUMP: break; /* all of it is as good as it gets */
    default: return -EINVAL;
    }
    return vma_pages_in(mm, address, end) == (end - address) >> PAGE_SHIFT ? 0 : -ENOMEM;
}

/* In the swap cache is in memory too; so is what the file has in memory, though nobody has touched it here. */
bool mm_page_is_in_memory(const struct mm_struct *mm, uint32_t address) {
    const struct vm_area_struct *area = vma_find(mm, address);
    struct pte pte = pte_find(&mm->pt, virt_addr(address));

    if (pte.value == 0 && area && area->start <= address && area->file)
        return file_page_is_in_memory(area->file, area_pgoff(area, address));
    return pte_is_swapped(pte.value) ? swap_is_cached(pte.value) : pte.value != 0;
}

/* As if each page had been touched by a program that may do all that the area allows. An area that
 * does not let it is passed over; without memory, all that comes behind is left out. */
void mm_populate(struct mm_struct *mm, uint32_t start, uint32_t end) {
    const struct vm_area_struct *area = vma_find(mm, start);

    for (; area && area->start < end; area = area->next) {
        enum fault_access access = area->flags & VM_WRITE ? FAULT_WRITE : FAULT_READ;
        enum fault_outcome outcome = FAULT_MENDED;
        uint32_t at = area->start > start ? area->start : start;
        for (; at < area->end && at < end && outcome == FAULT_MENDED; at += PAGE_SIZE)
            if (!pte_has_frame(pte_find(&mm->pt, virt_addr(at)).value))
                outcome = mm_fault(mm, at, access, at, BLOCK_HLT);
        if (outcome == FAULT_OUT_OF_MEMORY) return;
    }
}
