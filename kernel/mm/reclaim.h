/*
 * reclaim.h: what is given up when memory is short, and who gives it up: kswapd in time, the one who asks
 * when it is late. Who ends when there is nothing more to give up: proc/oom.h.
 */
#ifndef MM_RECLAIM_H
#define MM_RECLAIM_H

#include <block/block.h>
#include <mm/page.h>

/*
 * Gives frames back that can be done without, for requests that would like zone `wanted` best; the
 * cheapest first: empty slabs, pages of files that are on a disk too, pages of programs, which go to the
 * swap area. Answers how many; 0 when there is nothing more to give up. For alloc_pages() with
 * __GFP_WAIT. No other task runs meanwhile; interrupts do, if they are on: with interrupts off it does
 * not wait for a disk.
 */
unsigned reclaim_frames(enum zone_id wanted);

/* Makes kswapd, once; it costs nothing until then. For who brings in something to reclaim: swapon(). False:
 * there is no memory for it. */
bool kswapd_start(void);

/* Memory has become short for who wants this zone. Also from interrupt handlers, and with interrupts off. */
void kswapd_wake(enum zone_id zone);

/*
 * Nothing could be reclaimed now. But kswapd may be writing, and what others have on the way from the disk
 * cannot go until it is there: so waits a little, and answers whether the disk has moved something
 * meanwhile: then it is worth to wait again. For tasks that hold nothing: it blocks.
 */
bool reclaim_wait(void);

/* Since the start: for /proc/vmstat. */
struct reclaim_by {
    uint32_t scanned; /* pages that the clock looked at */
    uint32_t stolen;  /* frames given back */
};
struct reclaim_counts {
    struct reclaim_by kswapd, direct;
    uint32_t stalls; /* times that somebody had to reclaim for himself */
    uint32_t slabs;  /* frames of empty slabs */
    uint32_t oom_kills;
};
extern struct reclaim_counts reclaim_counts;

/* One pass over all that can be given up, for some 32 frames; counted under `by`: of reclaim_frames() and
 * kswapd. */
unsigned reclaim_pass(enum zone_id wanted, enum block_wait wait, struct reclaim_by *by);

#endif
