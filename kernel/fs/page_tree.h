/*
 * page_tree.h: the frames of a file, by page number. A tree of nodes with 64 slots, only as high as
 * the highest page needs; holes take no memory, and a file of one page takes no node:
 *
 *   height 0          height 1                     height 2
 *   top -> page 0     top -> [ 0 | 1 | ... | 63 ]  top -> [ 0-63 | 64-127 | ... ] -> [ 64 | 65 | ... ]
 */
#ifndef FS_PAGE_TREE_H
#define FS_PAGE_TREE_H

#include <stdint.h>

struct page;

struct page_tree {
    void *top; /* a page if height is 0, else a node; may be a null pointer */
    uint32_t height;
};

/* The frame of page `index`, or a null pointer. */
struct page *page_tree_find(const struct page_tree *tree, uint32_t index);

/* Enters a frame where there is none. 0 or -ENOMEM: then nothing has changed. */
int page_tree_enter(struct page_tree *tree, uint32_t index, struct page *page);

/* Takes out every page from `first` on and gives up the reference to it; answers how many. */
uint32_t page_tree_cut(struct page_tree *tree, uint32_t first);

/* The first page from `*index` on, and its index; a null pointer: there is none. */
struct page *page_tree_next(const struct page_tree *tree, uint32_t *index);

/* Takes out the page `index`, which is there, and gives up the reference to it. */
void page_tree_drop(struct page_tree *tree, uint32_t index);

#endif
