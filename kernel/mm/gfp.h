/*
 * gfp.h: what an allocation may do and where its memory may lie. Names and meaning are Linux's.
 */
#ifndef MM_GFP_H
#define MM_GFP_H

typedef unsigned gfp_t;

#define __GFP_DMA 0x1       /* below 16 MB, where ISA devices reach; fails rather than cheat */
#define __GFP_HIGHMEM 0x2   /* may lie above the direct map: kmap() it */
#define __GFP_ZERO 0x4      /* filled with zeros */
#define __GFP_HIGH 0x8      /* may take half of the reserve for those who cannot wait */
#define __GFP_WAIT 0x10     /* may reclaim memory and sleep: not in an interrupt handler */
#define __GFP_MEMALLOC 0x20 /* may take the last frame: who frees more by that, and tests */

#define GFP_NOWAIT 0u         /* NORMAL, else DMA; now or not at all */
#define GFP_KERNEL __GFP_WAIT /* the usual: the same, and it may wait */
#define GFP_ATOMIC __GFP_HIGH /* from interrupt handlers */
#define GFP_DMA __GFP_DMA
#define GFP_HIGHUSER (__GFP_WAIT | __GFP_HIGHMEM) /* pages of user programs */

#endif
