/*
 * vma.h: the areas of an address space as such: found, added, taken out, cut and joined. What they
 * are for: mm_struct.h. Nothing here touches a page table.
 *
 * The tree is an AVL tree by address. Each area knows the largest hole before any area of its
 * subtree, so that the highest hole that has room is found by one walk down, as an area is.
 *
 *        [.....|B|..|D|..........|F|....|H|.]        areas and holes, by address
 *                       F 10                         its own hole is the largest of all
 *                     /      \
 *                  D 5        H 4                    largest hole: its own, or one to the left of
 *                 /                                  an area below it
 *              B 5
 */
#ifndef MM_VMA_H
#define MM_VMA_H

#include <mm/mm_struct.h>

#define AREAS_MAX 65530u /* Linux's vm.max_map_count */

/* The first of all spaces; the others follow by `next_space`. */
struct mm_struct *mm_first(void);

/* ---- an area ---- */

/* Makes the cache of areas, once. */
void area_cache_init(void);

/* Memory for an area with nothing in it; a null pointer if there is none. area_free() also gives back
 * the reference to the file. */
struct vm_area_struct *area_alloc(void);
void area_free(struct vm_area_struct *area);

static inline uint32_t area_pages(const struct vm_area_struct *area) {
    return (area->end - area->start) >> PAGE_SHIFT;
}

/* The page of the file that is at `address`. */
static inline uint32_t area_pgoff(const struct vm_area_struct *area, uint32_t address) {
    return area->pgoff + ((address - area->start) >> PAGE_SHIFT);
}

/* Is anything at all allowed there? On x86 each of the rights includes reading. */
static inline bool area_is_accessible(const struct vm_area_struct *area) {
    return area->flags & (VM_READ | VM_WRITE | VM_EXEC);
}

/* ---- the tree: `vma_find()` is in mm_struct.h ---- */

/* The last area that starts below `address`, or a null pointer. */
struct vm_area_struct *vma_before(const struct mm_struct *mm, uint32_t address);

/* Does no area have a page of the range? */
bool vma_range_is_free(const struct mm_struct *mm, uint32_t start, uint32_t end);

/* Is it free, and not in the gap below a stack? */
bool vma_hole_holds(const struct mm_struct *mm, uint32_t start, uint32_t end);

/* How many pages of the range are in areas? */
uint32_t vma_pages_in(const struct mm_struct *mm, uint32_t start, uint32_t end);

/* Puts an area in, whose range is free; takes one out, which stays as it is. */
void vma_insert(struct mm_struct *mm, struct vm_area_struct *area);
void vma_remove(struct mm_struct *mm, struct vm_area_struct *area);

/* The start or the end of an area has changed, by less than the hole next to it. */
void vma_resized(struct mm_struct *mm, struct vm_area_struct *area);

/* The highest address below `limit` with a free range of `bytes`, the gap below stacks left free. 0:
 * there is none. */
uint32_t vma_find_hole(const struct mm_struct *mm, uint32_t bytes, uint32_t limit);

/* The same for maps: below mmap_base if there is one, else anywhere. */
static inline uint32_t vma_find_place(const struct mm_struct *mm, uint32_t bytes) {
    uint32_t place = vma_find_hole(mm, bytes, mm->mmap_base);
    return place ? place : vma_find_hole(mm, bytes, PAGE_OFFSET);
}

/* ---- cut and joined: areas.c ---- */

/*
 * Adds pages to the space: `area`, filled in, is put in, or becomes part of neighbours that are alike,
 * and is freed then. Answers the area that has the pages now.
 */
struct vm_area_struct *area_add(struct mm_struct *mm, struct vm_area_struct *area);

/* Joins areas that are alike, of those that lie in the range or touch it. */
void area_join(struct mm_struct *mm, uint32_t start, uint32_t end);

/* Cuts areas so that none goes across `start` or `end`. -ENOMEM: nothing has changed. */
int area_cut(struct mm_struct *mm, uint32_t start, uint32_t end);

/* Counts the pages of an area in (`sign` 1) or out (-1): total_vm and the others. */
void area_account(struct mm_struct *mm, unsigned flags, uint32_t pages, int sign);

/* May the space have so many pages more, with these flags (RLIMIT_AS, RLIMIT_DATA)? So many more that
 * are data (RLIMIT_DATA)? */
bool area_may_grow(const struct mm_struct *mm, unsigned flags, uint32_t pages);
bool area_data_may_grow(const struct mm_struct *mm, uint32_t pages);

/* What Linux counts as data: the writable memory that is the process's own, but for its stack. */
static inline bool area_is_data(unsigned flags) {
    return (flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) == VM_WRITE;
}

#endif
