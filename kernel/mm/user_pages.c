/*
 * user_pages.c: the entries of areas, in bulk. See user_pages.h. Hardware-free.
 */
#include <cpu/panic.h>
#include <fs/file.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/buddy.h>
#include <mm/kmap.h>
#include <mm/user_pages.h>

struct page *zero_page;

void user_pages_init(void) {
    zero_page = alloc_pages(GFP_KERNEL | __GFP_ZERO, 0, OWNER_ZERO);
    if (!zero_page) panic("no frame for the page of zeros");
}

uint64_t area_entry_flags(const struct mm_struct *mm, const struct vm_area_struct *area) {
    uint64_t flags = PTE_USER | PTE_ACCESSED;

    flags |= area_is_accessible(area) ? PTE_PRESENT : PTE_HIDDEN;
    if (!(area->flags & VM_EXEC)) flags |= PTE_NX;
    return flags & mm->pt.mode->usable_flags;
}

void user_page_count(struct mm_struct *mm, const struct page *page, int more) {
    if (page == zero_page) return;
    if (page_owner(page) == OWNER_USER)
        mm->rss_anon += (uint32_t)more;
    else if (page_owner(page) == OWNER_SHMEM)
        mm->rss_shmem += (uint32_t)more;
    else
        mm->rss_file += (uint32_t)more;
    if (mm_resident(mm) > mm->peak_rss) mm->peak_rss = mm_resident(mm);
}

struct page *copy_page(struct page *from) {
    struct page *page;

    if (from == zero_page) return alloc_pages(GFP_HIGHUSER | __GFP_ZERO, 0, OWNER_USER);
    page = alloc_pages(GFP_HIGHUSER, 0, OWNER_USER);
    if (!page) return NULL;
    void *source = kmap_atomic(from), *target = kmap_atomic(page);
    memcpy(target, source, PAGE_SIZE);
    kunmap_atomic(target);
    kunmap_atomic(source);
    return page;
}

/* ---- out and in ---- */

/* The entry of a page that goes becomes `value`. Its reference is the caller's. */
static void replace_entry(struct tlb_gather *gather, struct mm_struct *mm, struct page *page,
                          const struct pte *pte, virt_addr_t virt, uint64_t value) {
    uint64_t old = pte_exchange(&mm->pt, pte, value);

    if (old & PTE_PRESENT) tlb_gather_page(gather, virt, PAGE_SIZE, old);
    user_page_count(mm, page, -1);
}

static bool to_slot(struct tlb_gather *gather, struct mm_struct *mm, struct page *page,
                    const struct pte *pte, virt_addr_t virt) {
    if (!swap_cache_add(page)) return false;
    uint64_t value = swap_value(page);
    swap_get(value);
    replace_entry(gather, mm, page, pte, virt, value);
    mm->swapped++;
    tlb_gather_frame(gather, page_to_pfn(page));
    return true;
}

/* The file knows where its page is. The last entry of a table stays: no table goes here, and without entries
 * nobody would free it. The reference goes last: it tells the file that this was not all. */
static bool forget(struct tlb_gather *gather, struct mm_struct *mm,
                   const struct vm_area_struct *area, struct page *page, const struct pte *pte,
                   virt_addr_t virt) {
    if (table_count(pte->slot, 0) == 1) return false;
    replace_entry(gather, mm, page, pte, virt, 0);
    if (page_owner(page) == OWNER_SHMEM)
        file_page_out(area->file, area_pgoff(area, (uint32_t)virt.value), page);
    tlb_gather_frame(gather, page_to_pfn(page));
    return true;
}

bool user_page_out(struct tlb_gather *gather, struct mm_struct *mm,
                   const struct vm_area_struct *area, const struct pte *pte, virt_addr_t virt) {
    struct page *page = entry_frame(mm->pt.mode, pte->value);

    switch (page_owner(page)) {
    case OWNER_USER: return to_slot(gather, mm, page, pte, virt);
    case OWNER_CACHE: return forget(gather, mm, area, page, pte, virt);
    case OWNER_SHMEM: return swap_free() && forget(gather, mm, area, page, pte, virt);
    default: return false;
    }
}

/* Where slots are short, a page in memory that nobody else has on the disk does without its own. */
void user_page_in(struct mm_struct *mm, const struct vm_area_struct *area, const struct pte *pte,
                  struct page *page) {
    uint64_t value = page_to_phys(page).value | area_entry_flags(mm, area);

    swap_put(pte_exchange(&mm->pt, pte, value));
    mm->swapped--;
    user_page_count(mm, page, 1);
    if (swap_is_short()) (void)swap_take(page);
}

/* ---- count and unmap ---- */

struct count {
    struct mm_struct *mm;
    int more; /* in: 1, out: -1 */
};

static enum map_error count_one(const struct pte *pte, virt_addr_t virt, uintptr_t bytes,
                                void *with) {
    const struct count *count = with;
    struct mm_struct *mm = count->mm;

    (void)virt;
    (void)bytes;
    if (pte_is_swapped(pte->value))
        mm->swapped += (uint32_t)count->more;
    else if (pte->value)
        user_page_count(mm, entry_frame(mm->pt.mode, pte->value), count->more);
    return MAP_OK;
}

void user_pages_count(struct mm_struct *mm) {
    mm->rss_anon = mm->rss_file = mm->rss_shmem = mm->swapped = 0;
    for (const struct vm_area_struct *area = mm->first; area; area = area->next) {
        struct count count = {mm, 1};
        pt_walk(&mm->pt, virt_addr(area->start), area->end - area->start, count_one, &count);
    }
}

/* What happens to pages that are hidden or out: nothing of them is in the TLB. */
static void put_not_present(uint64_t value) {
    if (pte_is_swapped(value))
        swap_put(value);
    else
        user_page_put(entry_frame(kernel_mm.mode, value));
}

static void get_not_present(uint64_t value) {
    if (pte_is_swapped(value))
        swap_get(value);
    else
        get_page(entry_frame(kernel_mm.mode, value));
}

void user_pages_unmap(struct tlb_gather *gather, struct mm_struct *mm, uint32_t start,
                      uint32_t end) {
    struct count count = {mm, -1};

    pt_walk(&mm->pt, virt_addr(start), end - start, count_one, &count);
    pt_unmap_free(gather, virt_addr(start), end - start, put_not_present);
}

/* Area by area: where there is none there is no page. */
void user_pages_destroy(struct mm_struct *mm) {
    struct tlb_gather gather;

    tlb_gather_start(&gather, &mm->pt);
    for (const struct vm_area_struct *area = mm->first; area; area = area->next)
        pt_unmap_free(&gather, virt_addr(area->start), area->end - area->start,
                      put_not_present);
    tlb_gather_finish(&gather);
    pt_free(&mm->pt);
}

/* ---- protect ---- */

void user_pages_protect(struct tlb_gather *gather, struct mm_struct *mm,
                        const struct vm_area_struct *area, uint32_t start, uint32_t end) {
    const uint64_t rights = PTE_PRESENT | PTE_HIDDEN | PTE_NX;
    uint64_t set = area_entry_flags(mm, area) & rights, clear = rights & ~set;

    if (!(area->flags & VM_WRITE)) clear |= PTE_WRITE;
    pt_protect(gather, virt_addr(start), end - start, set, clear);
}

/* ---- fork and mremap ---- */

int user_pages_fork(struct tlb_gather *gather, struct mm_struct *child,
                    const struct vm_area_struct *area) {
    bool private = !(area->flags & VM_SHARED);
    return pt_copy(gather, &child->pt, virt_addr(area->start), area->end - area->start, private,
                   get_not_present)
               ? -ENOMEM
               : 0;
}

struct move {
    struct tlb_gather *gather;
    struct mm_struct *mm;
    uint32_t distance; /* from where they were, modulo 2^32 */
};

static enum map_error move_one(const struct pte *pte, virt_addr_t virt, uintptr_t bytes,
                               void *with) {
    const struct move *move = with;
    const struct mm *tables = &move->mm->pt;

    (void)bytes;
    if (pte->value == 0) return MAP_OK;
    const virt_addr_t target = virt_addr((uint32_t)virt.value + move->distance);
    struct pte to = pte_make(tables, target, PT_LAST);
    if (to.level != pte->level) return MAP_NO_MEMORY;
    uint64_t value = pte_read(pte->slot, tables->mode->entry_bytes);
    if (value == 0) { /* a new table took memory, and the page went for it */
        pt_drop_empty_tables(move->gather, target);
        return MAP_OK;
    }
    if (pte_is_swapped(value)) {
        swap_get(value);
        move->mm->swapped++;
    } else {
        struct page *page = entry_frame(tables->mode, value);
        get_page(page);
        user_page_count(move->mm, page, 1);
    }
    pte_set(tables, &to, value);
    return MAP_OK;
}

int user_pages_move(struct tlb_gather *gather, struct mm_struct *mm, uint32_t start, uint32_t end,
                    uint32_t to) {
    struct move move = {gather, mm, to - start};

    if (!pt_walk(&mm->pt, virt_addr(start), end - start, move_one, &move)) return 0;
    user_pages_unmap(gather, mm, to, to + (end - start));
    return -ENOMEM;
}
