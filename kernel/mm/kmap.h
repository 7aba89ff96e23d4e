/*
 * kmap.h: an address for a frame that has none. Frames above 896 MB are not in the direct map; to
 * touch one, map it for a while. For frames below, these cost nothing.
 */
#ifndef MM_KMAP_H
#define MM_KMAP_H

#include <mm/buddy.h>

/* After mm_init(): the fixed mappings. */
void kmap_init(void);

/*
 * The address of a frame, until as many kunmap() calls. Several may map the same frame, and get the
 * same address. A null pointer when all KMAP_PAGES places are taken. Never waits and allocates
 * nothing: the tables are there from the start.
 */
void *kmap(struct page *page);
void kunmap(struct page *page);

/*
 * The same for a few instructions: never fails, takes no allocation, and may be used in an
 * interrupt handler. The last one mapped is the first one unmapped; panics otherwise. There is one
 * stack of KMAP_ATOMIC_MAX places, on which a handler's come above those of what it interrupted;
 * one too many is a panic. So who has one does not sleep until it is unmapped, and takes two at
 * most: that is room for a task and three handlers, each in the middle of the one before.
 */
#define KMAP_ATOMIC_MAX 8
void *kmap_atomic(struct page *page);
void kunmap_atomic(void *address);

/* Fills any frame with zeros; or from byte `from` on. */
void page_zero(struct page *page);
void page_zero_from(struct page *page, uint32_t from);

/* How many places of kmap() are taken now. */
uint32_t kmap_used(void);

#endif
