/*
 * describe.h: what memory management knows about an address that has faulted.
 */
#ifndef MM_DESCRIBE_H
#define MM_DESCRIBE_H

/* From now on a page fault behind an area of vmalloc() names the area and who made it. */
void mm_describe_init(void);

#endif
