/*
 * reclaim.h: what is given up when memory is short.
 */
#ifndef MM_RECLAIM_H
#define MM_RECLAIM_H

/*
 * Gives frames back that can be done without, the cheapest first: empty slabs. Answers how many;
 * 0 when there is nothing more to give up. For alloc_pages() with __GFP_WAIT: it may sleep, so it
 * is not for interrupt handlers.
 */
unsigned reclaim_frames(void);

#endif
