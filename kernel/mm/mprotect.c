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

/* Is all of the range in areas that may have these rights? So nothing is changed by a call that fails. */
static int32_t check(const struct mm_struct *mm, uint32_t start, uint32_t end, uint32_t prot) {
    const struct vm_area_struct *area = vma_find(mm, start);
    uint32_t data = 0;

    for (uint32_t at = start; at < end; at = area->end, area = area->next) {
        if (!area || area->start > at) return -ENOMEM;
        if (prot & PROT_WRITE && !(area->flags & VM_MAYWRITE)) return -EACCES;
        if (area_is_data(with_rights(area, prot)) && !area_is_data(area->flags))
            data += ((area->end < end ? area->end : end) - at) >> PAGE_SHIFT;
    }
    return area_data_may_grow(mm, data) ? 0 : -ENOMEM;
}

static void change(struct mm_struct *mm, uint32_t start, uint32_t end, uint32_t prot) {
    struct tlb_gather gather;

    tlb_gather_start(&gather, &mm->pt);
    for (struct vm_area_struct *area = vma_find(mm, start); area && area->start < end;
         area = area->next) {
        unsigned flags = with_rights(area, prot);
        if (flags == area->flags) continue;
        area_account(mm, area->flags, area_pages(area), -1);
        area->flags = flags;
        area_account(mm, area->flags, area_pages(area), 1);
        user_pages_protect(&gather, mm, area, area->start, area->end);
    }
    tlb_gather_finish(&gather);
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
    int32_t error = check(mm, address, end, prot);
    if (!error) error = area_cut(mm, address, end);
    if (error) return error;
    change(mm, address, end, prot);
    area_join(mm, address, end);
    return 0;
}
