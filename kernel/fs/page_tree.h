/*
 * page_tree.h: the frames of a file, by page number. A tree of nodes with 64 slots, only as high as
 * the highest page needs; holes take no memory, and a file of one page takes no node:
 *
 *   height 0          height 1                     height 2
 *   top -> page 0     top -> [ 0 | 1 | ... | 63 ]  top -> [ 0-63 | 64-127 | ... ] -> [ 64 | 65 | ... ]
 *
 * In place of a frame there may be the entry of a swap area (mm/swap.h), where the page is then: as
 * page tables have it, but with bit 0, which no address of a descriptor has.
 */
#ifndef FS_PAGE_TREE_H
#define FS_PAGE_TREE_H

#include <stdint.h>

struct page;

struct page_tree {
    void *top; /* a page if height is 0, else a node; may be a null pointer */
    uint32_t height;
    uint32_t pages, out; /* how many there are; of these, in swap areas */
};

/* The frame of page `index`, or a null pointer: also if the page is in a swap area. */
struct page *page_tree_find(const struct page_tree *tree, uint32_t index);

/* Enters a frame where there is none. 0 or -ENOMEM: then nothing has changed. */
int page_tree_enter(struct page_tree *tree, uint32_t index, struct page *page);

/* Takes out every page from `first` on and gives up the reference to it, or the slot; answers how many. */
uint32_t page_tree_cut(struct page_tree *tree, uint32_t first);

/* The first frame from `*index` on, and its index; a null pointer: there is none. */
struct page *page_tree_next(const struct page_tree *tree, uint32_t *index);

/* Takes out the page `index`, which is there, and gives up the reference to it. */
void page_tree_drop(struct page_tree *tree, uint32_t index);

/* ---- pages in swap areas ---- */

/* The entry of page `index`; 0: it is not in a swap area. */
uint64_t page_tree_swapped(const struct page_tree *tree, uint32_t index);

/* The entry of the first such page from `*index` on, and its index; 0: there is none. */
uint64_t page_tree_next_swapped(const struct page_tree *tree, uint32_t *index);

/* A page that has a frame is in a swap area from now on; one that is there has a frame. Who had the reference,
 * and the slot, has it no more: it is the caller's. */
void page_tree_put_out(struct page_tree *tree, uint32_t index, uint64_t entry);
void page_tree_bring_in(struct page_tree *tree, uint32_t index, struct page *page);

#endif
