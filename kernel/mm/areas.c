/*
 * areas.c: areas made, cut and joined, and the pages in them counted. Hardware-free.
 */
#include <cpu/panic.h>
#include <fs/file.h>
#include <lib/errno.h>
#include <mm/slab.h>
#include <mm/vma.h>

static struct kmem_cache *area_cache;

void area_cache_init(void) {
    area_cache = kmem_cache_create("vm_area_struct", sizeof(struct vm_area_struct), 0, NULL);
    if (!area_cache) panic("areas: no memory for their cache");
}

struct vm_area_struct *area_alloc(void) {
    struct vm_area_struct *area = kmem_cache_alloc(area_cache, GFP_KERNEL);
    if (area) *area = (struct vm_area_struct){0};
    return area;
}

void area_free(struct vm_area_struct *area) {
    if (area->file) file_put(area->file);
    kmem_cache_free(area_cache, area);
}

/* ---- what is counted ---- */

void area_account(struct mm_struct *mm, unsigned flags, uint32_t pages, int sign) {
    uint32_t more = sign > 0 ? pages : -pages;

    mm->total_vm += more;
    if (area_is_data(flags))
        mm->data_vm += more;
    else if (flags & VM_GROWSDOWN)
        mm->stack_vm += more;
    else if (flags & VM_EXEC && !(flags & VM_WRITE))
        mm->exec_vm += more;
    if (mm->total_vm > mm->peak_vm) mm->peak_vm = mm->total_vm;
}

/* A limit in bytes, for pages that there are and pages to come. */
static bool is_within(uint32_t limit, uint32_t pages, uint32_t more) {
    if (limit == RLIM_INFINITY) return true;
    limit >>= PAGE_SHIFT;
    return pages <= limit && more <= limit - pages;
}

bool area_data_may_grow(const struct mm_struct *mm, uint32_t pages) {
    return is_within(mm->limit_data, mm->data_vm, pages);
}

bool area_may_grow(const struct mm_struct *mm, unsigned flags, uint32_t pages) {
    if (!is_within(mm->limit_as, mm->total_vm, pages)) return false;
    return !area_is_data(flags) || area_data_may_grow(mm, pages);
}

/* ---- joined ---- */

/* Would both be one area? */
static bool are_alike(const struct vm_area_struct *area, const struct vm_area_struct *next) {
    if (area->end != next->start || area->flags != next->flags || area->file != next->file)
        return false;
    return !area->file || area_pgoff(area, area->end) == next->pgoff;
}

/* `next` becomes part of the area before it. */
static void absorb_next(struct mm_struct *mm, struct vm_area_struct *area) {
    struct vm_area_struct *next = area->next;

    vma_remove(mm, next);
    area->end = next->end;
    vma_resized(mm, area);
    area_free(next);
}

void area_join(struct mm_struct *mm, uint32_t start, uint32_t end) {
    struct vm_area_struct *area = vma_before(mm, start);

    if (!area) area = mm->first;
    while (area && area->next && area->next->start <= end) {
        if (are_alike(area, area->next))
            absorb_next(mm, area);
        else
            area = area->next;
    }
}

struct vm_area_struct *area_add(struct mm_struct *mm, struct vm_area_struct *area) {
    struct vm_area_struct *prev = vma_before(mm, area->start);
    struct vm_area_struct *next = prev ? prev->next : mm->first;

    area_account(mm, area->flags, area_pages(area), 1);
    if (prev && are_alike(prev, area)) {
        prev->end = area->end;
        area_free(area);
        area = prev;
        if (next && are_alike(prev, next))
            absorb_next(mm, prev);
        else
            vma_resized(mm, prev);
    } else if (next && are_alike(area, next)) {
        next->start = area->start;
        next->pgoff = area->pgoff;
        area_free(area);
        area = next;
        vma_resized(mm, next);
    } else {
        vma_insert(mm, area);
    }
    return area;
}

/* ---- cut ---- */

/* The part of the area that goes across `address`, if one does, from there on becomes an area of
 * its own. */
static int cut_at(struct mm_struct *mm, uint32_t address) {
    struct vm_area_struct *area = vma_find(mm, address), *upper;

    if (!area || area->start >= address) return 0;
    upper = mm->areas < AREAS_MAX ? area_alloc() : NULL;
    if (!upper) return -ENOMEM;
    upper->start = address;
    upper->end = area->end;
    upper->flags = area->flags;
    upper->file = area->file;
    upper->pgoff = area_pgoff(area, address);
    if (upper->file) file_get(upper->file);
    area->end = address;
    vma_resized(mm, area);
    vma_insert(mm, upper);
    return 0;
}

int area_cut(struct mm_struct *mm, uint32_t start, uint32_t end) {
    int error = cut_at(mm, start);

    if (error) return error;
    error = cut_at(mm, end);
    if (error) area_join(mm, start, start);
    return error;
}
