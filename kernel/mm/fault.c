/*
 * fault.c: what a page fault in the user half means, and what is done about it. Entered from the
 * #PF handler, for the program itself and for the kernel in uaccess.c; waits for the disk as `wait`
 * says.
 *
 * All of it is decided here, in this order: is there an area, does it allow the access, and what
 * does the page's entry say? Either the page is there afterwards and the access is tried again, or
 * the answer names why not; then nothing has changed.
 */
#include <fs/file.h>
#include <lib/errno.h>
#include <mm/user_pages.h>

/* A fault that is being mended. */
struct fault {
    struct mm_struct *mm;
    const struct vm_area_struct *area;
    virt_addr_t page;
    enum fault_access access;
    uint32_t from_esp;
    enum block_wait wait;
    struct pte pte; /* of the page; `level` may be above the last: then its table is missing */
};

static enum fault_outcome outside(struct mm_struct *mm, struct vm_area_struct **area,
                                  uint32_t address, uint32_t from_esp);
static enum fault_outcome check_rights(const struct fault *fault);
static enum fault_outcome missing(const struct fault *fault);
static enum fault_outcome zeros(const struct fault *fault);
static enum fault_outcome zeros_to_read(const struct fault *fault);
static enum fault_outcome zeros_to_write(const struct fault *fault);
static enum fault_outcome from_file(const struct fault *fault);
static enum fault_outcome file_with_neighbours(const struct fault *fault, struct page *page,
                                               uint64_t write);
static enum fault_outcome from_swap(struct fault *fault);
static enum fault_outcome swap_from_disk(const struct fault *fault);
static enum fault_outcome file_from_disk(const struct fault *fault, uint32_t index);
static enum fault_outcome write_to_shared(const struct fault *fault);
static enum fault_outcome write_to_private(const struct fault *fault);

struct fault_counts fault_counts;

static bool is_shared(const struct fault *fault) {
    return fault->area->flags & VM_SHARED;
}

static void count(struct mm_struct *mm, int minor, int major) {
    mm->minor_faults += (uint32_t)minor;
    mm->major_faults += (uint32_t)major;
    fault_counts.minor += (uint64_t)(int64_t)minor;
    fault_counts.major += (uint64_t)(int64_t)major;
}

enum fault_outcome mm_fault(struct mm_struct *mm, uint32_t address, enum fault_access access,
                            uint32_t from_esp, enum block_wait wait) {
    struct vm_area_struct *area = vma_find(mm, address);
    enum fault_outcome outcome;

    /* No area: a wild pointer, unless it is the stack that wants to grow. */
    if (!area || address < area->start) {
        outcome = outside(mm, &area, address, from_esp);
        if (outcome != FAULT_MENDED) return outcome;
    }
    struct fault fault = {
        mm, area, virt_addr(address & ~(PAGE_SIZE - 1u)), access, from_esp, wait, {0}};

    /* The area forbids it. */
    outcome = check_rights(&fault);
    if (outcome != FAULT_MENDED) return outcome;
    count(mm, 1, 0);

    /* The page was never there: demand paging. */
    fault.pte = pte_find(&mm->pt, fault.page);
    if (fault.pte.value == 0) return missing(&fault);

    /* It was there, and is in a swap area now. */
    if (pte_is_swapped(fault.pte.value)) return from_swap(&fault);

    /* It is there, but read-only, so that this write is noticed: copy-on-write. */
    if (access == FAULT_WRITE && !(fault.pte.value & PTE_WRITE))
        return is_shared(&fault) ? write_to_shared(&fault) : write_to_private(&fault);

    /* It is there, with all rights: the processor went by what it remembered. */
    tlb_flush_page(&mm->pt, fault.page);
    return FAULT_MENDED;
}

/* The first touch of a page. */
static enum fault_outcome missing(const struct fault *fault) {
    if (fault->area->file) return from_file(fault);
    return zeros(fault); /* step: demand-zero */
}

/* ---- no area ---- */

#define ESP_SLACK 65536u /* nobody stores further below ESP: ENTER's frame is the largest */

/* May the stack above have this page too? Up to its limit, and to the gap that keeps it from
 * running into what lies below (Linux: stack_guard_gap). */
static bool may_grow_to(const struct mm_struct *mm, const struct vm_area_struct *stack,
                        uint32_t page) {
    const struct vm_area_struct *below = stack->prev;

    if (stack->end - page > mm->limit_stack) return false;
    if (below && area_is_accessible(below) && !(below->flags & VM_GROWSDOWN) &&
        page - below->end < STACK_GAP_PAGES << PAGE_SHIFT)
        return false;
    return area_may_grow(mm, stack->flags, (stack->start - page) >> PAGE_SHIFT);
}

/* As in Linux, ESP does not decide whether a stack grows; it does decide what a fault is called: a
 * program that uses its stack when there is no more of it has not followed a wild pointer. */
static enum fault_outcome outside(struct mm_struct *mm, struct vm_area_struct **area,
                                  uint32_t address, uint32_t from_esp) {
    struct vm_area_struct *above = *area;
    uint32_t page = address & ~(PAGE_SIZE - 1u);

    if (address < MMAP_MIN_ADDR) return FAULT_NULL_POINTER;
    if (!above || !(above->flags & VM_GROWSDOWN)) return FAULT_NO_AREA;
    if (!may_grow_to(mm, above, page))
        return address + ESP_SLACK >= from_esp ? FAULT_STACK_OVERFLOW : FAULT_NO_AREA;
    area_account(mm, above->flags, (above->start - page) >> PAGE_SHIFT, 1);
    above->start = page;
    above->flags |= mm->new_flags;
    vma_resized(mm, above);
    area_join(mm, page, page);
    *area = vma_find(mm, page);
    return FAULT_MENDED;
}

/* ---- rights ---- */

/* Writable and executable memory is readable too (SDM 3A §4.6). Without NX nothing keeps a program
 * from executing what it may read. */
static enum fault_outcome check_rights(const struct fault *fault) {
    unsigned flags = fault->area->flags;

    if (!area_is_accessible(fault->area)) return FAULT_NOT_READABLE;
    if (fault->access == FAULT_WRITE && !(flags & VM_WRITE)) return FAULT_READ_ONLY;
    if (fault->access == FAULT_EXEC && !(flags & VM_EXEC) &&
        fault->mm->pt.mode->usable_flags & PTE_NX)
        return FAULT_NOT_EXECUTABLE;
    return FAULT_MENDED;
}

/* ---- a page comes in ---- */

/* Makes an entry for the page, with a reference of the caller's. If there is no frame for the
 * table, the reference is given back. */
static enum fault_outcome enter(const struct fault *fault, struct page *page, uint64_t write) {
    const struct mm *tables = &fault->mm->pt;
    uint64_t flags = area_entry_flags(fault->mm, fault->area) | write;
    struct pte pte = fault->pte;

    if (pte.level->shift != PAGE_SHIFT) pte = pte_make(tables, fault->page, PT_LAST);
    if (pte.level->shift != PAGE_SHIFT) {
        put_page(page);
        return FAULT_OUT_OF_MEMORY;
    }
    pte_set(tables, &pte, page_to_phys(page).value | flags);
    user_page_count(fault->mm, page, 1);
    return FAULT_MENDED;
}

static enum fault_outcome zeros(const struct fault *fault) {
    return fault->access == FAULT_WRITE ? zeros_to_write(fault) : zeros_to_read(fault);
}

/* lab 11: begin */
/* Demand-zero: nobody has written there yet, so one page of zeros does for all. */
static enum fault_outcome zeros_to_read(const struct fault *fault) {
    get_page(zero_page);
    fault->mm->zero_maps++;
    return enter(fault, zero_page, 0);
}

static enum fault_outcome zeros_to_write(const struct fault *fault) {
    struct page *page = alloc_pages(GFP_HIGHUSER | __GFP_ZERO, 0, OWNER_USER);
    return page ? enter(fault, page, PTE_WRITE | PTE_DIRTY) : FAULT_OUT_OF_MEMORY;
}
/* lab 11: end */

/* Demand-load: the frame of the file itself; or a copy, if the first access already writes to it
 * and that is nobody else's business. */
static enum fault_outcome from_file(const struct fault *fault) {
    const struct vm_area_struct *area = fault->area;
    struct page *page, *copy;
    uint32_t index = area_pgoff(area, (uint32_t)fault->page.value);

    if (file_page_is_away(area->file, index)) return file_from_disk(fault, index);
    int error = file_page(area->file, index, fault->wait, &page);
    if (error == -ENOMEM) return FAULT_OUT_OF_MEMORY;
    if (error) return FAULT_BEYOND_FILE;
    if (is_shared(fault))
        return file_with_neighbours(fault, page, area->flags & VM_WRITE ? PTE_WRITE : 0);
    if (fault->access != FAULT_WRITE) return file_with_neighbours(fault, page, 0);
    copy = copy_page(page);
    put_page(page);
    if (!copy) return FAULT_OUT_OF_MEMORY;
    fault->mm->cow_copies++;
    return enter(fault, copy, PTE_WRITE | PTE_DIRTY);
}

#define AROUND 16u /* pages, of which the entries lie in one table */

/* Enters one more page of the file, if it is in memory, and nobody has used the entry. */
static void enter_neighbour(const struct fault *fault, struct pte *pte, uint32_t address,
                            uint64_t flags) {
    const struct vm_area_struct *area = fault->area;
    struct page *page;

    pte->value = pte_read(pte->slot, fault->mm->pt.mode->entry_bytes);
    if (pte->value) return;
    page = file_page_in_memory(area->file, area_pgoff(area, address));
    if (!page) return;
    pte_set(&fault->mm->pt, pte, page_to_phys(page).value | flags);
    user_page_count(fault->mm, page, 1);
}

/* Programs read on, so the pages around the first one are entered with it: an entry costs a quarter
 * of the fault that it saves. Their A bit is left to the processor: it tells which came for
 * nothing. */
static enum fault_outcome file_with_neighbours(const struct fault *fault, struct page *page,
                                               uint64_t write) {
    const struct vm_area_struct *area = fault->area;
    const uint32_t window = AROUND * PAGE_SIZE, first = (uint32_t)fault->page.value & ~(window - 1);
    uint32_t at = first > area->start ? first : area->start;
    uint32_t end = area->end - first > window ? first + window : area->end;
    uint64_t flags = (area_entry_flags(fault->mm, area) & ~PTE_ACCESSED) | write;
    enum fault_outcome outcome = enter(fault, page, write);

    if (outcome != FAULT_MENDED) return outcome;
    struct pte pte = pte_find(&fault->mm->pt, virt_addr(at));
    for (; at < end; at += PAGE_SIZE) {
        enter_neighbour(fault, &pte, at, flags);
        pte.slot = (uint8_t *)pte.slot + fault->mm->pt.mode->entry_bytes;
    }
    return FAULT_MENDED;
}

/* ---- back from a swap area ---- */

/* From the cache it comes at once, to be read; the first write decides whose it is, as after fork().
 */
static enum fault_outcome from_swap(struct fault *fault) {
    struct page *page = swap_cache_find(fault->pte.value);

    if (!page) return swap_from_disk(fault);
    user_page_in(fault->mm, fault->area, &fault->pte, page);
    if (fault->access != FAULT_WRITE) return FAULT_MENDED;
    fault->pte = pte_find(&fault->mm->pt, fault->page);
    return write_to_private(fault);
}

/* ---- from a disk ---- */

/* While the disk works, all that was found so far may become wrong: so it is found anew, with the page in
 * the cache. The caller's reference keeps it there. */
static enum fault_outcome look_again(const struct fault *fault) {
    count(fault->mm, -2, 1); /* this one and the second look are one fault, a major one */
    return mm_fault(fault->mm, (uint32_t)fault->page.value, fault->access, fault->from_esp,
                    fault->wait);
}

static enum fault_outcome swap_from_disk(const struct fault *fault) {
    struct page *page;
    int error = swap_in(fault->pte.value, fault->wait, &page);

    if (error == -ENOMEM) return FAULT_OUT_OF_MEMORY;
    if (error) return FAULT_SWAP_READ;
    enum fault_outcome outcome = look_again(fault);
    user_page_put(page);
    return outcome;
}

/* Another thread may unmap the file meanwhile: so it has a reference, too. */
static enum fault_outcome file_from_disk(const struct fault *fault, uint32_t index) {
    struct file *file = fault->area->file;
    struct page *page;

    file_get(file);
    int error = file_page(file, index, fault->wait, &page);
    enum fault_outcome outcome = error == -ENOMEM ? FAULT_OUT_OF_MEMORY
                                 : error == -ENXIO ? FAULT_BEYOND_FILE
                                 : !error          ? look_again(fault)
                                 : file_is_in_memory(file) ? FAULT_SWAP_READ
                                                           : FAULT_FILE_READ;
    if (!error) put_page(page);
    file_put(file);
    return outcome;
}

/* ---- copy-on-write ---- */

/* A map that became writable after the page had come in. */
static enum fault_outcome write_to_shared(const struct fault *fault) {
    pte_change(&fault->mm->pt, &fault->pte, PTE_WRITE, 0);
    tlb_flush_page(&fault->mm->pt, fault->page);
    return FAULT_MENDED;
}

/* lab 12: begin */
/* The last who has the frame just takes it. Anybody else gets a copy, and gives up a reference. Making room
 * for the copy may put the page out: then there is another fault. */
static enum fault_outcome write_to_private(const struct fault *fault) {
    struct mm_struct *mm = fault->mm;
    struct page *old = entry_frame(mm->pt.mode, fault->pte.value);
    uint64_t flags = area_entry_flags(mm, fault->area) | PTE_WRITE | PTE_DIRTY;

    if (user_page_take(old)) {
        pte_change(&mm->pt, &fault->pte, PTE_WRITE, 0);
        tlb_flush_page(&mm->pt, fault->page);
        mm->cow_reuses++;
        return FAULT_MENDED;
    }
    get_page(old);
    struct page *copy = copy_page(old);
    user_page_put(old);
    if (!copy) return FAULT_OUT_OF_MEMORY;
    if (pte_read(fault->pte.slot, mm->pt.mode->entry_bytes) != fault->pte.value) {
        put_page(copy);
        return FAULT_MENDED;
    }
    uint64_t own = page_to_phys(copy).value | flags;
    pte_exchange(&mm->pt, &fault->pte, own); /* step: cow */
    tlb_flush_page(&mm->pt, fault->page);
    user_page_count(mm, old, -1);
    user_page_count(mm, copy, 1);
    user_page_put(old);
    mm->cow_copies++;
    return FAULT_MENDED;
}
/* lab 12: end */

const char *fault_outcome_name(enum fault_outcome outcome) {
    static const char *const names[FAULT_OUTCOMES] = {
        [FAULT_MENDED] = "mended",
        [FAULT_NULL_POINTER] = "null pointer",
        [FAULT_NO_AREA] = "segmentation fault",
        [FAULT_STACK_OVERFLOW] = "stack overflow",
        [FAULT_READ_ONLY] = "write to read-only memory",
        [FAULT_NOT_READABLE] = "access to memory without rights",
        [FAULT_NOT_EXECUTABLE] = "execute from non-executable memory",
        [FAULT_BEYOND_FILE] = "access beyond the end of the file",
        [FAULT_OUT_OF_MEMORY] = "out of memory",
        [FAULT_SWAP_READ] = "a page on the disk cannot be read",
        [FAULT_FILE_READ] = "a page of the file cannot be read",
    };
    return outcome < FAULT_OUTCOMES ? names[outcome] : "unknown";
}
