/*
 * page_view.c: what is at an address of a process, and why. Hardware-free.
 */
#include <fs/file.h>
#include <mm/page_view.h>
#include <mm/user_pages.h>

/* Who has it, in memory or on the disk; the swap cache does not count. */
static uint32_t users_of(const struct page *page) {
    if (!(page->flags & PG_SWAPCACHE)) return page->count;
    return page->count - 1 + swap_entries(swap_value(page));
}

static enum page_reason reason_of(const struct vm_area_struct *area, const struct page *page,
                                  uint64_t value) {
    if (!(value & PTE_PRESENT)) return PAGE_HIDDEN;
    if (page == zero_page) return PAGE_OF_ZEROS;
    if (page_owner(page) == OWNER_USER) return users_of(page) == 1 ? PAGE_OWN : PAGE_OF_FAMILY;
    return area->flags & VM_SHARED ? PAGE_OF_FILE : PAGE_TO_COPY;
}

/* A page of a file may be out without an entry here: the first such one of the area, from `*address` on, and
 * the slot's entry. 0: there is none. */
static uint64_t first_out(const struct vm_area_struct *area, uint32_t *address) {
    const uint32_t from = area_pgoff(area, *address);
    uint32_t index = from;
    uint64_t value = area->file ? file_next_swapped(area->file, &index) : 0;

    if (!value || index - from >= (area->end - *address) >> PAGE_SHIFT) return 0;
    *address += (index - from) << PAGE_SHIFT;
    return value;
}

/* Where the pages end that have no entry, from `address` on; at `end` at most. */
static uint32_t end_of_nothing(const struct mm_struct *mm, uint32_t address, uint32_t end) {
    while (address < end) {
        struct pte pte = pte_find(&mm->pt, virt_addr(address));
        uintptr_t bytes = bytes_in_entry(pte.level, virt_addr(address), end - address);
        if (pte.value) break;
        address += (uint32_t)bytes;
    }
    return address;
}

static void view_swapped(struct page_view *view, uint64_t value) {
    struct page *page = swap_cache_find(value);

    view->area = pte_swap_area(value);
    view->slot = pte_swap_place(value);
    view->users = swap_entries(value);
    view->reason = page ? PAGE_SWAP_CACHED : PAGE_SWAPPED;
    if (!page) return;
    view->frame = page_to_pfn(page).value;
    view->users += page->count - 2; /* less the cache's, and this one */
    swap_put_page(page);
}

struct page_view page_view(const struct mm_struct *mm, const struct vm_area_struct *area,
                           uint32_t address) {
    struct page_view view = {.start = address & ~(PAGE_SIZE - 1u)};
    struct pte pte = pte_find(&mm->pt, virt_addr(address));
    struct translation found = pt_translate(&mm->pt, virt_addr(view.start));

    uint64_t value = pte.value;
    if (value == 0) {
        uint32_t out = view.start;
        uint64_t slot = first_out(area, &out);
        if (!slot || out != view.start) {
            view.end = end_of_nothing(mm, view.start, slot ? out : area->end);
            return view;
        }
        value = slot;
    }
    view.end = view.start + PAGE_SIZE;
    if (pte_is_swapped(value)) {
        view_swapped(&view, value);
        return view;
    }
    const struct page *page = entry_frame(mm->pt.mode, pte.value);
    view.reason = reason_of(area, page, pte.value);
    view.frame = page_to_pfn(page).value;
    view.users = users_of(page);
    view.readable = found.present && found.user;
    view.writable = view.readable && found.writable;
    view.executable = view.readable && found.executable;
    view.accessed = pte.value & PTE_ACCESSED;
    view.dirty = pte.value & PTE_DIRTY;
    return view;
}

const char *page_reason_name(enum page_reason reason) {
    static const char *const names[PAGE_REASONS] = {
        [PAGE_NOT_TOUCHED] = "not touched yet",
        [PAGE_OF_ZEROS] = "page of zeros: only read so far",
        [PAGE_OWN] = "its own: written to",
        [PAGE_OF_FAMILY] = "shared since fork: copied when written to",
        [PAGE_OF_FILE] = "the file's: writes are seen by all",
        [PAGE_TO_COPY] = "the file's: copied when written to",
        [PAGE_HIDDEN] = "kept, but nobody may use it",
        [PAGE_SWAPPED] = "on the disk: comes back when touched",
        [PAGE_SWAP_CACHED] = "has a slot on the disk, and is in memory",
    };
    return reason < PAGE_REASONS ? names[reason] : "unknown";
}
