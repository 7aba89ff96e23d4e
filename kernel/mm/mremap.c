/*
 * mremap.c: a range gets longer or shorter, or another address: mremap(2). Its pages are not
 * copied: the entries of the page tables move. Hardware-free.
 */
#include <fs/file.h>
#include <lib/errno.h>
#include <mm/user_pages.h>

struct remap {
    uint32_t from, old_bytes; /* whole pages */
    uint32_t to, new_bytes;
    uint32_t flags;
};

static bool fits(uint32_t address, uint32_t bytes) {
    return bytes <= PAGE_OFFSET && address <= PAGE_OFFSET - bytes;
}

static int32_t check(const struct remap *remap) {
    const uint32_t flags = remap->flags;

    if (flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)) return -EINVAL;
    if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP) && !(flags & MREMAP_MAYMOVE)) return -EINVAL;
    if (flags & MREMAP_DONTUNMAP && remap->old_bytes != remap->new_bytes) return -EINVAL;
    if (remap->from % PAGE_SIZE || remap->new_bytes == 0 || remap->new_bytes > PAGE_OFFSET)
        return -EINVAL;
    if (!fits(remap->from, remap->old_bytes)) return -EFAULT;
    if (!(flags & MREMAP_FIXED)) return 0;
    if (remap->to % PAGE_SIZE || !fits(remap->to, remap->new_bytes)) return -EINVAL;
    if (remap->to < remap->from + remap->old_bytes && remap->from < remap->to + remap->new_bytes)
        return -EINVAL;
    return remap->to < MMAP_MIN_ADDR ? -EPERM : 0;
}

/* All of the old range must be in one area. With no old bytes, shared memory is mapped once more.
 */
static int32_t check_area(const struct mm_struct *mm, const struct vm_area_struct *area,
                          const struct remap *remap) {
    const uint32_t kept = remap->flags & MREMAP_DONTUNMAP ? 0 : remap->old_bytes;

    if (!area || area->start > remap->from) return -EFAULT;
    if (remap->old_bytes == 0 && !(area->flags & VM_SHARED)) return -EINVAL;
    if (remap->old_bytes > area->end - remap->from) return -EFAULT;
    if (area_pgoff(area, remap->from) + (remap->new_bytes >> PAGE_SHIFT) < area->pgoff)
        return -EINVAL;
    if (remap->new_bytes > kept &&
        !area_may_grow(mm, area->flags, (remap->new_bytes - kept) >> PAGE_SHIFT))
        return -ENOMEM;
    return 0;
}

/* Longer where it is, if it ends where its area does and there is room behind. */
static bool grow_in_place(struct mm_struct *mm, struct vm_area_struct *area,
                          const struct remap *remap) {
    uint32_t end = remap->from + remap->new_bytes;

    if (remap->old_bytes == 0 || remap->from + remap->old_bytes != area->end) return false;
    if (!fits(remap->from, remap->new_bytes) || !vma_hole_holds(mm, area->end, end)) return false;
    area_account(mm, area->flags, (end - area->end) >> PAGE_SHIFT, 1);
    area->end = end;
    vma_resized(mm, area);
    area_join(mm, area->start, end);
    return true;
}

/* An area for the new place, like the old one. */
static struct vm_area_struct *area_like(const struct vm_area_struct *old,
                                        const struct remap *remap) {
    struct vm_area_struct *area = area_alloc();

    if (!area) return NULL;
    area->start = remap->to;
    area->end = remap->to + remap->new_bytes;
    area->flags = old->flags;
    area->file = old->file;
    if (area->file) {
        area->pgoff = area_pgoff(old, remap->from);
        file_get(area->file);
    }
    return area;
}

/* Pages first, then the areas: what can fail comes before what is seen. */
static int32_t move(struct mm_struct *mm, const struct vm_area_struct *old,
                    const struct remap *remap) {
    uint32_t end = remap->from + remap->old_bytes;
    struct vm_area_struct *area = mm->areas < AREAS_MAX ? area_like(old, remap) : NULL;
    struct tlb_gather gather;

    if (!area) return -ENOMEM;
    int32_t error = area_cut(mm, remap->from, end);
    if (!error) {
        tlb_gather_start(&gather, &mm->pt);
        error = user_pages_move(&gather, mm, remap->from, end, remap->to);
        if (!error && remap->flags & MREMAP_DONTUNMAP)
            user_pages_unmap(&gather, mm, remap->from, end);
        tlb_gather_finish(&gather);
    }
    if (error) {
        area_join(mm, remap->from, end);
        area_free(area);
        return error;
    }
    if (remap->old_bytes && !(remap->flags & MREMAP_DONTUNMAP))
        mm_munmap(mm, remap->from, remap->old_bytes);
    else
        area_join(mm, remap->from, end);
    area_add(mm, area);
    return (int32_t)remap->to;
}

/* To where the caller wants it: what is there goes, and what is too long of the old range. */
static int32_t move_to_fixed(struct mm_struct *mm, struct remap *remap) {
    int32_t error = mm_munmap(mm, remap->to, remap->new_bytes);

    if (!error && remap->old_bytes > remap->new_bytes) {
        error = mm_munmap(mm, remap->from + remap->new_bytes, remap->old_bytes - remap->new_bytes);
        remap->old_bytes = remap->new_bytes;
    }
    return error ? error : move(mm, vma_find(mm, remap->from), remap);
}

/* Not longer: the end goes. */
static int32_t shrink(struct mm_struct *mm, const struct remap *remap) {
    uint32_t end = remap->from + remap->new_bytes;
    int32_t error = remap->old_bytes > remap->new_bytes
                        ? mm_munmap(mm, end, remap->old_bytes - remap->new_bytes)
                        : 0;
    return error ? error : (int32_t)remap->from;
}

int32_t mm_mremap(struct mm_struct *mm, uint32_t address, uint32_t old_bytes, uint32_t new_bytes,
                  uint32_t flags, uint32_t new_address) {
    struct remap remap = {address, (uint32_t)whole_pages(old_bytes), new_address,
                          (uint32_t)whole_pages(new_bytes), flags};
    struct vm_area_struct *area = vma_find(mm, address);
    int32_t error = check(&remap);

    if (!error) error = check_area(mm, area, &remap);
    if (error) return error;
    if (flags & MREMAP_FIXED) return move_to_fixed(mm, &remap);
    if (!(flags & MREMAP_DONTUNMAP)) {
        if (remap.old_bytes >= remap.new_bytes) return shrink(mm, &remap);
        if (grow_in_place(mm, area, &remap)) return (int32_t)address;
    }
    if (!(flags & MREMAP_MAYMOVE)) return -ENOMEM;
    remap.to = vma_find_place(mm, remap.new_bytes);
    return remap.to ? move(mm, area, &remap) : -ENOMEM;
}
