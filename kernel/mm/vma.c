/*
 * vma.c: the areas of a space in a balanced tree (AVL: the heights of two siblings differ by 1 at
 * most), and in a list by address. Hardware-free.
 */
#include <mm/vma.h>

static uint32_t larger(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

static uint32_t smaller(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

/* ---- look-up ---- */

struct vm_area_struct *vma_find(const struct mm_struct *mm, uint32_t address) {
    struct vm_area_struct *found = NULL;

    for (struct vm_area_struct *area = mm->root; area;) {
        if (area->end > address) {
            found = area;
            if (area->start <= address) break;
            area = area->left;
        } else {
            area = area->right;
        }
    }
    return found;
}

struct vm_area_struct *vma_before(const struct mm_struct *mm, uint32_t address) {
    struct vm_area_struct *found = NULL;

    for (struct vm_area_struct *area = mm->root; area;) {
        if (area->start < address) found = area;
        area = area->start < address ? area->right : area->left;
    }
    return found;
}

bool vma_range_is_free(const struct mm_struct *mm, uint32_t start, uint32_t end) {
    const struct vm_area_struct *area = vma_find(mm, start);
    return !area || area->start >= end;
}

uint32_t vma_pages_in(const struct mm_struct *mm, uint32_t start, uint32_t end) {
    uint32_t bytes = 0;

    for (const struct vm_area_struct *area = vma_find(mm, start); area && area->start < end;
         area = area->next)
        bytes += smaller(area->end, end) - larger(area->start, start);
    return bytes >> PAGE_SHIFT;
}

/* ---- balance ---- */

static int height_of(const struct vm_area_struct *area) {
    return area ? area->height : 0;
}

static uint32_t gap_of(const struct vm_area_struct *area) {
    return area ? area->gap : 0;
}

/* Where the hole before an area starts, and where it ends: below a stack it ends early. */
static uint32_t hole_start(const struct vm_area_struct *area) {
    return area->prev ? area->prev->end : MMAP_MIN_ADDR;
}

static uint32_t hole_end(const struct vm_area_struct *area) {
    uint32_t gap = area->flags & VM_GROWSDOWN ? STACK_GAP_PAGES << PAGE_SHIFT : 0;
    return area->start > gap ? area->start - gap : 0;
}

static uint32_t hole_before(const struct vm_area_struct *area) {
    uint32_t start = hole_start(area), end = hole_end(area);
    return end > start ? end - start : 0;
}

/* What an area knows of its subtree. */
static void refresh(struct vm_area_struct *area) {
    int left = height_of(area->left), right = height_of(area->right);

    area->height = 1 + (left > right ? left : right);
    area->gap = larger(hole_before(area), larger(gap_of(area->left), gap_of(area->right)));
}

/*
 *       a                 b
 *      / \               / \
 *     b   3    <->      1   a
 *    / \                   / \
 *   1   2                 2   3
 */
static struct vm_area_struct *rotate_right(struct vm_area_struct *a) {
    struct vm_area_struct *b = a->left;
    a->left = b->right;
    b->right = a;
    refresh(a);
    refresh(b);
    return b;
}

static struct vm_area_struct *rotate_left(struct vm_area_struct *b) {
    struct vm_area_struct *a = b->right;
    b->right = a->left;
    a->left = b;
    refresh(b);
    refresh(a);
    return a;
}

/* A subtree of which one side may have become too high by 1. Answers its top. */
static struct vm_area_struct *balance(struct vm_area_struct *top) {
    int lean = height_of(top->left) - height_of(top->right);

    if (lean > 1) {
        if (height_of(top->left->left) < height_of(top->left->right))
            top->left = rotate_left(top->left);
        return rotate_right(top);
    }
    if (lean < -1) {
        if (height_of(top->right->right) < height_of(top->right->left))
            top->right = rotate_right(top->right);
        return rotate_left(top);
    }
    refresh(top);
    return top;
}

/* ---- changes. The depth of recursion is the height of the tree: 23 for AREAS_MAX. ---- */

/* The hole before the next area has changed too. That area is above the new one, so it is refreshed
 * on the way back. */
static struct vm_area_struct *insert(struct vm_area_struct *top, struct vm_area_struct *area) {
    if (!top) {
        refresh(area);
        return area;
    }
    if (area->start < top->start)
        top->left = insert(top->left, area);
    else
        top->right = insert(top->right, area);
    return balance(top);
}

void vma_insert(struct mm_struct *mm, struct vm_area_struct *area) {
    struct vm_area_struct *prev = vma_before(mm, area->start);

    area->left = area->right = NULL;
    area->prev = prev;
    area->next = prev ? prev->next : mm->first;
    if (area->next) area->next->prev = area;
    if (prev)
        prev->next = area;
    else
        mm->first = area;
    mm->root = insert(mm->root, area);
    mm->areas++;
}

/* Takes the first area of a subtree out of it. Answers what is left of the subtree. */
static struct vm_area_struct *take_first(struct vm_area_struct *top,
                                         struct vm_area_struct **first) {
    if (!top->left) {
        *first = top;
        return top->right;
    }
    top->left = take_first(top->left, first);
    return balance(top);
}

/* In the place of an area comes the next one, from its right side; if there is no left side, the
 * right one is a single area. Either way the next one, whose hole has grown, is refreshed. */
static struct vm_area_struct *remove(struct vm_area_struct *top,
                                     const struct vm_area_struct *area) {
    if (top != area) {
        if (area->start < top->start)
            top->left = remove(top->left, area);
        else
            top->right = remove(top->right, area);
        return balance(top);
    }
    struct vm_area_struct *heir, *right;
    if (!area->right) return area->left;
    right = take_first(area->right, &heir);
    heir->left = area->left;
    heir->right = right;
    return balance(heir);
}

void vma_remove(struct mm_struct *mm, struct vm_area_struct *area) {
    if (area->next) area->next->prev = area->prev;
    if (area->prev)
        area->prev->next = area->next;
    else
        mm->first = area->next;
    mm->root = remove(mm->root, area);
    mm->areas--;
}

static void refresh_way_to(struct vm_area_struct *top, const struct vm_area_struct *area) {
    if (top != area) refresh_way_to(area->start < top->start ? top->left : top->right, area);
    refresh(top);
}

void vma_resized(struct mm_struct *mm, struct vm_area_struct *area) {
    refresh_way_to(mm->root, area);
    if (area->next) refresh_way_to(mm->root, area->next);
}

/* ---- holes ---- */

bool vma_hole_holds(const struct mm_struct *mm, uint32_t start, uint32_t end) {
    const struct vm_area_struct *above = vma_find(mm, start);
    return !above || hole_end(above) >= end;
}

/* The highest area of a subtree that starts at `bound` at most and has so large a hole before it.
 * Only on the way along `bound` can a side that has such a hole be looked through in vain. */
static struct vm_area_struct *highest_with_hole(struct vm_area_struct *top, uint32_t bytes,
                                                uint32_t bound) {
    struct vm_area_struct *found = NULL;

    if (gap_of(top) < bytes) return NULL;
    if (top->start <= bound) {
        found = highest_with_hole(top->right, bytes, bound);
        if (found) return found;
        if (hole_before(top) >= bytes) return top;
    }
    return highest_with_hole(top->left, bytes, bound);
}

uint32_t vma_find_hole(const struct mm_struct *mm, uint32_t bytes, uint32_t limit) {
    const struct vm_area_struct *last = vma_before(mm, limit);
    const struct vm_area_struct *above = last ? last->next : mm->first;
    uint32_t start = last ? last->end : MMAP_MIN_ADDR;
    uint32_t end = above && hole_end(above) < limit ? hole_end(above) : limit;

    if (end > start && end - start >= bytes) return end - bytes;
    const struct vm_area_struct *found =
        last ? highest_with_hole(mm->root, bytes, last->start) : NULL;
    return found ? hole_end(found) - bytes : 0;
}
