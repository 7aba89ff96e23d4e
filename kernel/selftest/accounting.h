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

struct accounting {
    uint32_t owner[OWNERS];
    uint32_t blocks[ZONES][ORDERS];
    uint32_t caches, objects, areas, places;
};

/* Fills in the counts of now, without what is kept only for the next user. */
void accounting_take(struct accounting *counts);

/* Prints each count that differs. Answers how many do. */
unsigned accounting_compare(const struct accounting *was, const struct accounting *is);

/* Remembers the counts. */
void accounting_start(void);

/* Checks that they are the same again. */
void accounting_check(void);

/* Frames of this owner at accounting_start(). */
uint32_t accounting_before(enum page_owner owner);

#endif
