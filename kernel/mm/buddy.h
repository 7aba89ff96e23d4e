/*
 * buddy.h: page frames, in blocks of 2^order neighbours, from three zones.
 *
 *   zone      physical          who needs it
 *   DMA       below 16 MB       ISA devices
 *   NORMAL    below 896 MB      the kernel: it lies in the direct map
 *   HIGHMEM   the rest          whoever can do without an address: user pages
 *
 * A block is named by the descriptor of its first frame. All functions may be called with
 * interrupts on or off, and from interrupt handlers.
 */
#ifndef MM_BUDDY_H
#define MM_BUDDY_H

#include <mm/gfp.h>
#include <mm/page.h>

#define ORDER_MAX 10 /* 4 MB */
#define ORDERS (ORDER_MAX + 1)

/* Fields are frames, but for the lists and the last three. */
struct zone {
    const char *name;
    struct page *free_list[ORDERS]; /* the first block */
    uint32_t free_blocks[ORDERS];   /* length of each list */
    uint32_t free_orders;         /* bit n: list n is not empty */
    uint32_t free;
    uint32_t managed;        /* free ones and those handed out */
    uint32_t min, low, high; /* watermarks: see set_watermarks() */
    uint32_t floor[ZONES];   /* what a request leaves here, by the zone it would like best */
    uint32_t easy[ZONES];    /* the same while memory is not short: floor - min + low */
    uint32_t allocs;         /* blocks handed out from here */
    uint32_t fallbacks;      /* of those: because no better zone had one */
    uint32_t failures;       /* no block, and this zone was the first choice */
};

/*
 * Takes all usable memory over from the early allocator, and retires that: what nobody reserved
 * becomes free. Needs page_init(). Frames without a descriptor count as OWNER_BEYOND.
 */
void buddy_init(void);

/* Frees every frame that was reserved for `owner` in the early allocator. Answers their number. */
uint32_t buddy_release(enum page_owner owner);

/* The same for one frame of it, before; false: it is not reserved for this owner. The watermarks stay
 * as they are until buddy_release(). */
bool buddy_release_frame(pfn_t frame, enum page_owner owner);

/*
 * A block of 2^order frames, counted under `owner`, with one reference; or a null pointer if there
 * is none, or if `order` exceeds ORDER_MAX. Its zone is the first that has one, of
 *     __GFP_HIGHMEM   HIGHMEM, NORMAL, DMA
 *     (neither)       NORMAL, DMA
 *     __GFP_DMA       DMA
 * Each zone keeps frames back, see set_watermarks(): most from who would like another zone better.
 * __GFP_HIGH may go half way below `min`, and only __GFP_MEMALLOC to the last frame. With
 * __GFP_WAIT it tries reclaim_frames() before it says no: it may wait for the disk then, with interrupts on,
 * but no other task runs meanwhile. Entries of user pages may become swap entries: who has read one before
 * reads it again. When no zone has more than `low`, kswapd is woken.
 */
struct page *alloc_pages(gfp_t gfp, unsigned order, enum page_owner owner);

/* Gives a block of alloc_pages(), of the same order, back. Panics if it is anything else, or if
 * somebody else has a reference; the check of a good block is one comparison. */
void free_pages(struct page *page, unsigned order);

/* One reference more, one less; the last one frees the block. */
void get_page(struct page *page);
void put_page(struct page *page);

/* The same by address, for frames in the direct map: a null pointer if there is none. */
void *__get_free_pages(gfp_t gfp, unsigned order, enum page_owner owner);
void *__get_free_page(gfp_t gfp, enum page_owner owner);
void free_pages_at(void *address, unsigned order);
void free_page(void *address);

/* For requests that would like this zone best: is none of those that they may have above `low`? Has one
 * of them reached `high`? Both beside what the zone keeps from them. */
bool frames_are_low(enum zone_id wanted);
bool frames_are_plenty(enum zone_id wanted);

/* Counts an allocated block under another owner. */
void page_set_owner(struct page *page, enum page_owner owner);

/* Usable frames, in all and by owner. The sum over the owners is the total, at any time. */
uint32_t pages_total(void);
uint32_t pages_of(enum page_owner owner);

static inline uint64_t kilobytes(uint64_t frames) {
    return frames * (PAGE_SIZE / 1024);
}

/* A zone as it is now: read only, and only right while interrupts are off. */
const struct zone *zone_stats(enum zone_id id);

#endif
