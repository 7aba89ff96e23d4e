/*
 * mmap.c: ranges of addresses given out and taken back: mmap(2), munmap(2), the stack. Pages come
 * later, one by one, when they are touched: fault.c. Hardware-free.
 */
#include <fs/file.h>
#include <lib/errno.h>
#include <mm/user_pages.h>

/* ---- mmap ---- */

/* What the caller asks for, in whole pages. */
struct request {
    uint32_t address, bytes;
    uint32_t prot, flags;
    struct file *file;
    uint32_t pgoff;
};

/* Where? The address, or -EINVAL, -ENOMEM, -EPERM, -EEXIST. */
static int32_t choose_address(const struct mm_struct *mm, const struct request *request) {
    uint32_t address = request->address, bytes = request->bytes;

    if (request->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
        if (address % PAGE_SIZE) return -EINVAL;
        if (bytes > PAGE_OFFSET || address > PAGE_OFFSET - bytes) return -ENOMEM;
        if (address < MMAP_MIN_ADDR) return -EPERM;
        if (request->flags & MAP_FIXED_NOREPLACE &&
            !vma_range_is_free(mm, address, address + bytes))
            return -EEXIST;
        return (int32_t)address;
    }
    /* A wish is granted if the place is free. */
    address = (uint32_t)whole_pages(address);
    if (address >= MMAP_MIN_ADDR && bytes <= PAGE_OFFSET && address <= PAGE_OFFSET - bytes &&
        vma_hole_holds(mm, address, address + bytes))
        return (int32_t)address;
    address = vma_find_place(mm, bytes);
    return address ? (int32_t)address : -ENOMEM;
}

/* The flags of the area, from prot and flags. What may be written to later depends on how the file
 * was opened. */
static unsigned area_flags(const struct request *request) {
    unsigned flags = request->prot & (PROT_READ | PROT_WRITE | PROT_EXEC);
    bool shared = (request->flags & MAP_TYPE) != MAP_PRIVATE;

    if (shared) flags |= VM_SHARED;
    if (shared && !request->file) flags |= VM_SHMEM;
    if (!shared || !request->file || file_writable(request->file)) flags |= VM_MAYWRITE;
    if (request->flags & MAP_GROWSDOWN) flags |= VM_GROWSDOWN;
    return flags;
}

/* Can that be mapped? 0, -EINVAL, -EACCES, -ENODEV. /dev/zero is no file for what follows. */
static int check_file(struct request *request) {
    uint32_t type = request->flags & MAP_TYPE;
    bool anonymous = false;

    if (type == 0 || type > MAP_SHARED_VALIDATE) return -EINVAL;
    if (request->flags & MAP_GROWSDOWN && (type != MAP_PRIVATE || request->file)) return -EINVAL;
    if (!request->file) return 0;
    int error = file_may_map(request->file, &anonymous);
    if (error) return error;
    if (anonymous) request->file = NULL;
    if (type == MAP_PRIVATE || !(request->prot & PROT_WRITE) || !request->file) return 0;
    return file_writable(request->file) ? 0 : -EACCES;
}

/* An area as asked for, in no space yet. Shared memory without a name gets a file without a name.
 */
static struct vm_area_struct *make_area(const struct mm_struct *mm, const struct request *request) {
    struct vm_area_struct *area = area_alloc();

    if (!area) return NULL;
    area->start = request->address;
    area->end = request->address + request->bytes;
    area->flags = area_flags(request) | mm->new_flags;
    if (area->flags & VM_SHMEM) {
        area->file = file_anonymous(request->bytes);
        if (area->file) return area;
        area_free(area);
        return NULL;
    }
    if (request->file) {
        file_get(request->file);
        area->file = request->file;
        area->pgoff = request->pgoff;
    }
    return area;
}

/* All that can fail is done before anything is changed. */
static int32_t map(struct mm_struct *mm, struct request *request) {
    int32_t address = choose_address(mm, request);
    int error = check_file(request);

    if (address < 0 && address >= -4095) return address;
    if (error) return error;
    request->address = (uint32_t)address;
    if (mm->areas >= AREAS_MAX) return -ENOMEM;
    uint32_t end = request->address + request->bytes;
    uint32_t replaced = vma_pages_in(mm, request->address, end);
    uint32_t more = request->bytes / PAGE_SIZE;
    if (!area_may_grow(mm, area_flags(request), more > replaced ? more - replaced : 0))
        return -ENOMEM;
    struct vm_area_struct *area = make_area(mm, request);
    if (!area) return -ENOMEM;
    error = replaced ? mm_munmap(mm, request->address, request->bytes) : 0;
    if (error)
        area_free(area);
    else
        area_add(mm, area);
    return error ? error : address;
}

int32_t mm_mmap(struct mm_struct *mm, uint32_t address, uint32_t bytes, uint32_t prot,
                uint32_t flags, struct file *file, uint32_t pgoff) {
    struct request request = {address, 0, prot, flags, file, pgoff};

    if (bytes == 0) return -EINVAL;
    request.bytes = (uint32_t)whole_pages(bytes);
    if (request.bytes == 0) return -ENOMEM; /* more than 4 GB - 4 KB */
    if (pgoff + request.bytes / PAGE_SIZE < pgoff) return -EOVERFLOW;
    return map(mm, &request);
}

/* ---- munmap ---- */

int32_t mm_munmap(struct mm_struct *mm, uint32_t address, uint32_t bytes) {
    uint32_t end = address + (uint32_t)whole_pages(bytes);
    struct vm_area_struct *area, *next;
    struct tlb_gather gather;

    if (address % PAGE_SIZE || bytes == 0 || bytes > PAGE_OFFSET || address > PAGE_OFFSET - bytes)
        return -EINVAL;
    int error = area_cut(mm, address, end);
    if (error) return error;
    tlb_gather_start(&gather, &mm->pt);
    for (area = vma_find(mm, address); area && area->start < end; area = next) {
        next = area->next;
        user_pages_unmap(&gather, mm, area->start, area->end);
        area_account(mm, area->flags, area_pages(area), -1);
        vma_remove(mm, area);
        area_free(area);
    }
    tlb_gather_finish(&gather);
    return 0;
}

/* ---- the stack ---- */

int mm_set_stack(struct mm_struct *mm, uint32_t top, uint32_t bytes) {
    struct vm_area_struct *area = NULL;

    if (vma_range_is_free(mm, top - bytes, top) &&
        area_may_grow(mm, VM_GROWSDOWN, bytes / PAGE_SIZE))
        area = area_alloc();
    if (!area) return -ENOMEM;
    area->start = top - bytes;
    area->end = top;
    area->flags = VM_READ | VM_WRITE | VM_MAYWRITE | VM_GROWSDOWN;
    area_add(mm, area);
    return 0;
}
