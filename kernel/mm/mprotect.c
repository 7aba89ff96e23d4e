/*
 * mprotect.c: the rights of a range change: mprotect(2). Hardware-free.
 */
#include <lib/errno.h>
#include <mm/user_pages.h>

#define PROT_RIGHTS (PROT_READ | PROT_WRITE | PROT_EXEC)
#define PROT_SEM 0x8u /* of other architectures; means nothing here */

static unsigned with_rights(const struct vm_area_struct *area, uint32_t prot) {
    return (area->flags & ~PROT_RIGHTS) | (prot & PROT_RIGHTS);
}

/* One area, or the part of it that is in the range. It may be joined with others then. */
static int32_t change(struct mm_struct *mm, struct vm_area_struct *area, uint32_t start,
                      uint32_t end, uint32_t prot) {
    unsigned flags = with_rights(area, prot);
    struct tlb_gather gather;

    if (prot & PROT_WRITE && !(area->flags & VM_MAYWRITE)) return -EACCES;
    if (flags == area->flags) return 0;
    if (area_is_data(flags) && !area_is_data(area->flags) &&
        !area_data_may_grow(mm, (end - start) >> PAGE_SHIFT))
        return -ENOMEM;
    int error = area_cut(mm, start, end);
    if (error) return error;
    area = vma_find(mm, start);
    area_account(mm, area->flags, area_pages(area), -1);
    area->flags = flags;
    area_account(mm, area->flags, area_pages(area), 1);
    tlb_gather_start(&gather, &mm->pt);
    user_pages_protect(&gather, mm, area, start, end);
    tlb_gather_finish(&gather);
    area_join(mm, start, end);
    return 0;
}

/* From area to area, as Linux does: what comes before a hole, or before an area that must not have
 * these rights, is changed. */
static int32_t change_all(struct mm_struct *mm, uint32_t start, uint32_t end, uint32_t prot) {
    while (start < end) {
        struct vm_area_struct *area = vma_find(mm, start);
        if (!area || area->start > start) return -ENOMEM;
        uint32_t part_end = area->end < end ? area->end : end;
        int32_t error = change(mm, area, start, part_end, prot);
        if (error) return error;
        start = part_end;
    }
    return 0;
}

int32_t mm_mprotect(struct mm_struct *mm, uint32_t address, uint32_t bytes, uint32_t prot) {
    uint32_t end = address + (uint32_t)whole_pages(bytes);
    uint32_t grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);

    if (prot & ~(PROT_RIGHTS | PROT_SEM | PROT_GROWSDOWN | PROT_GROWSUP)) return -EINVAL;
    if (grows == (PROT_GROWSDOWN | PROT_GROWSUP) || address % PAGE_SIZE) return -EINVAL;
    if (bytes == 0) return 0;
    if (end <= address) return -ENOMEM;

    /* The whole stack, as far as it has grown: for libraries that need an executable one. */
    if (grows) {
        const struct vm_area_struct *area = vma_find(mm, address);
        if (!area || area->start >= end) return -ENOMEM;
        if (grows == PROT_GROWSUP || !(area->flags & VM_GROWSDOWN)) return -EINVAL;
        address = area->start;
    }
    return change_all(mm, address, end, prot);
}
