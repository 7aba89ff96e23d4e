/*
 * chain.h: blocks of frames that a test holds, as many as the machine has. The list goes through
 * the descriptors, so it needs no memory of its own.
 *
 * The frame's own number is written into it, and must still be there when the block leaves the
 * chain: of all blocks in the direct map, and of one in 16 above it, as each of those has to be
 * mapped for that. A block that was handed out twice, or that something else uses, shows.
 */
#ifndef SELFTEST_CHAIN_H
#define SELFTEST_CHAIN_H

#include <mm/buddy.h>

#define EVERYTHING (__GFP_HIGHMEM | __GFP_MEMALLOC) /* any zone, to the last frame */

struct chain {
    struct page *first;
    uint32_t blocks;
};

/* A null pointer fails the case, and is not added. */
void chain_add(struct chain *chain, struct page *page);

/* Adds all blocks of this order that alloc_pages() gives, as OWNER_OTHER. Answers their number. */
uint32_t chain_take_all(struct chain *chain, gfp_t gfp, unsigned order);

/* Frees the frames with even numbers: no two that are free are neighbours. Of single frames. */
void chain_free_even(struct chain *chain);

/* Frees about one block in two, chosen at random. */
void chain_free_half(struct chain *chain);

/* Frees all of them, in random order. */
void chain_free_all(struct chain *chain);

#endif
