/*
 * mm_struct.c: the life of an address space: made, copied by fork(), ended. Hardware-free.
 */
#include <cpu/panic.h>
#include <fs/file.h>
#include <mm/clock.h>
#include <mm/slab.h>
#include <mm/user_pages.h>

static struct kmem_cache *mm_cache;
static struct mm_struct *spaces; /* all of them */

void mm_struct_init(void) {
    mm_cache = kmem_cache_create("mm_struct", sizeof(struct mm_struct), 0, NULL);
    if (!mm_cache) panic("address spaces: no memory for their cache");
    area_cache_init();
    user_pages_init();
}

static void add_to_spaces(struct mm_struct *mm) {
    mm->next_space = spaces;
    mm->link = &spaces;
    if (spaces) spaces->link = &mm->next_space;
    spaces = mm;
}

static void remove_from_spaces(struct mm_struct *mm) {
    clock_space_ends(mm);
    *mm->link = mm->next_space;
    if (mm->next_space) mm->next_space->link = mm->link;
}

struct mm_struct *mm_first(void) {
    return spaces;
}

struct mm_struct *mm_alloc(void) {
    struct mm_struct *mm = kmem_cache_alloc(mm_cache, GFP_KERNEL);

    if (!mm) return NULL;
    *mm = (struct mm_struct){
        .users = 1,
        .mmap_base = PAGE_OFFSET,
        .limit_as = RLIM_INFINITY,
        .limit_data = RLIM_INFINITY,
        .limit_stack = STACK_LIMIT_DEFAULT,
    };
    if (pt_create(&mm->pt)) {
        kmem_cache_free(mm_cache, mm);
        return NULL;
    }
    add_to_spaces(mm);
    return mm;
}

void mm_get(struct mm_struct *mm) {
    mm->users++;
}

/* Pages first: what they were mapped from may go with its last area. */
void mm_put(struct mm_struct *mm) {
    if (--mm->users > 0) return;
    if (mm_loaded() == &mm->pt) mm_load(&kernel_mm);
    user_pages_destroy(mm);
    for (struct vm_area_struct *area = mm->first, *next; area; area = next) {
        next = area->next;
        area_free(area);
    }
    if (mm->exe) file_put(mm->exe);
    remove_from_spaces(mm);
    kmem_cache_free(mm_cache, mm);
}

/* Nothing is cut in two, so this cannot fail. */
void mm_empty(struct mm_struct *mm) {
    if (mm->first) (void)mm_munmap(mm, 0, PAGE_OFFSET);
}

uint32_t mm_table_pages(const struct mm_struct *mm) {
    const struct paging_mode *mode = mm->pt.mode;
    const struct paging_level *last = &mode->level[mode->levels - 1];
    uint32_t span = 1u << mode->level[mode->levels - 2].shift, tables = 0; /* of one table */

    for (uint32_t at = 0; at < PAGE_OFFSET; at += span)
        if (pte_find(&mm->pt, virt_addr(at)).level == last) tables++;
    return tables;
}

/* ---- fork ---- */

/*
 * A copy of a subtree, which has the same shape. `*last` is the area before it by address, and then
 * the last one in it. At the first that there is no memory for, the copy ends: a list without gaps,
 * as far as it goes, is in the child for mm_put(). Answers false then.
 */
static bool copy_areas(struct mm_struct *child, const struct vm_area_struct *from,
                       struct vm_area_struct **top, struct vm_area_struct **last) {
    struct vm_area_struct *left = NULL;

    *top = NULL;
    if (!from) return true;
    if (!copy_areas(child, from->left, &left, last)) return false;
    struct vm_area_struct *area = area_alloc();
    if (!area) return false;
    *area = *from;
    area->flags &= ~VM_LOCKED; /* mlock(2): not inherited */
    if (area->file) file_get(area->file);
    area->left = left;
    area->prev = *last;
    area->next = NULL;
    if (*last)
        (*last)->next = area;
    else
        child->first = area;
    *top = *last = area;
    return copy_areas(child, from->right, &area->right, last);
}

/* Each page that the parent has is the child's too, and what is private is read-only in both now.
 */
static bool copy_pages(struct mm_struct *parent, struct mm_struct *child) {
    struct tlb_gather gather;
    int error = 0;

    tlb_gather_start(&gather, &parent->pt);
    for (struct vm_area_struct *area = parent->first; area && !error; area = area->next)
        error = user_pages_fork(&gather, child, area);
    tlb_gather_finish(&gather);
    return !error;
}

/* All that a space has, but tables, areas and users of its own, and counts from 0. */
static void copy_numbers(struct mm_struct *child, const struct mm_struct *parent) {
    const struct mm_struct own = *child;

    *child = *parent;
    child->pt = own.pt;
    child->next_space = own.next_space;
    child->link = own.link;
    child->users = 1;
    child->root = child->first = NULL;
    if (child->exe) file_get(child->exe);
    child->populates = false; /* mlockall(2): not inherited */
    child->new_flags = 0;
    child->minor_faults = child->major_faults = 0;
    child->cow_copies = child->cow_reuses = child->zero_maps = 0;
}

/* To make room for the child, pages of the parent may be taken out, before or after they are copied:
 * then what the child has is counted anew. */
struct mm_struct *mm_fork(struct mm_struct *parent) {
    struct vm_area_struct *last = NULL;
    struct mm_struct *child = mm_alloc();

    if (!child) return NULL;
    const uint32_t before = mm_resident(parent);
    copy_numbers(child, parent);
    if (!copy_areas(child, parent->root, &child->root, &last) || !copy_pages(parent, child)) {
        mm_put(child);
        return NULL;
    }
    if (mm_resident(parent) != before) user_pages_count(child);
    return child;
}
