/*
 * accounting.h: what each frame of the machine is used for, before and after a test.
 *
 * A test gives back what it took. So the counts are exactly as before: frames of every owner, free
 * blocks of every order in every zone, objects of slab caches, areas of vmalloc(), places of
 * kmap().
 */
#ifndef SELFTEST_ACCOUNTING_H
#define SELFTEST_ACCOUNTING_H

#include <mm/buddy.h>

/* Remembers the counts. */
void accounting_start(void);

/* Checks that they are the same again. */
void accounting_check(void);

/* Frames of this owner at accounting_start(). */
uint32_t accounting_before(enum page_owner owner);

#endif
