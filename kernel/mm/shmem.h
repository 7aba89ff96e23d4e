/*
 * shmem.h: pages of files that lie in memory and nowhere else: of tmpfs, and shared memory without a
 * name. As Linux's shmem they go to a swap area when memory is short; those of ramfs stay. A page is
 *
 *   in the tree     where it is                      who has a reference
 *   frame           in memory, OWNER_SHMEM           the tree; each entry of a page table; each copy under way
 *   swap entry      in the swap cache, or on a disk  the tree has the slot
 *   nothing         nowhere: zeros                   nobody
 *
 * No page table names a slot of it: the file knows where the page is. So an entry is just taken out, and
 * when the tree alone has the frame, that goes to a slot. Who wants the page brings it back into the
 * tree, and its slot is free again; what was an entry before becomes one when it is touched.
 */
#ifndef MM_SHMEM_H
#define MM_SHMEM_H

#include <block/block.h>
#include <fs/page_tree.h>
#include <mm/page.h>

struct swap_area;

struct shmem {
    struct page_tree pages;
    struct shmem *next, **link; /* of all that may go; `link` is a null pointer: they stay */
};

/* From now on its pages may go to a swap area. */
void shmem_start(struct shmem *shmem);

/* The file ends: all pages go. Answers how many. */
uint32_t shmem_end(struct shmem *shmem);

/* The frame of a page, with a reference of the caller's; a null pointer for a hole. Brings it back first if it
 * is in a swap area: 0; -EIO: it cannot be read; -ENOMEM. With BLOCK_SLEEP others run meanwhile, and the
 * caller keeps the file; what the answer says is so when it comes. */
int shmem_find(struct shmem *shmem, uint32_t index, enum block_wait wait, struct page **page);

/* What a new frame of it counts under. */
enum page_owner shmem_owner(const struct shmem *shmem);

/* Is it on the disk only? In memory, in the tree or in the swap cache? Neither: a hole. */
bool shmem_is_away(const struct shmem *shmem, uint32_t index);
bool shmem_is_in_memory(const struct shmem *shmem, uint32_t index);

/* ---- out ---- */

/* The clock has taken out an entry of this page, and has its reference yet. If nobody else has it but the
 * tree, and nobody has read() it meanwhile, it is in the swap cache afterwards. */
void shmem_page_out(struct shmem *shmem, uint32_t index, struct page *page);

/* Puts up to `pages` frames that nobody has mapped into the swap cache, of `wanted` or a zone below; such as
 * were used since it last came by only the next time. Looks at so many frames, and goes on from there with the
 * next call; SHMEM_ALL: at all, also those that were used. Answers how many. Does not wait, and takes no
 * memory. */
#define SHMEM_ALL UINT32_MAX
unsigned shmem_swap_out(unsigned pages, enum zone_id wanted, unsigned looks);

/* swapoff(): brings up to `*left` pages back that lie in an area, and counts them off. 0, -EIO, -ENOMEM. */
int shmem_bring_back(const struct swap_area *area, uint32_t *left);

#endif
