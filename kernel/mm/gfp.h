/*
 * gfp.h: what an allocation may do and where its memory may lie. Names and meaning are Linux's.
 */
#ifndef MM_GFP_H
#define MM_GFP_H

typedef unsigned gfp_t;

#define __GFP_DMA 0x1     /* below 16 MB, where ISA devices reach; fails rather than cheat */
#define __GFP_HIGHMEM 0x2 /* may lie above the direct map: kmap() it */
#define __GFP_ZERO 0x4    /* filled with zeros */
#define __GFP_HIGH 0x8    /* may take the reserve that is kept for those who cannot wait */

#define GFP_KERNEL 0u          /* the usual: NORMAL, else DMA */
#define GFP_ATOMIC __GFP_HIGH  /* from interrupt handlers */
#define GFP_DMA __GFP_DMA

#endif
