/*
 * failalloc.h: allocations that fail on purpose, so that one sees whether their callers can do
 * without. What counts is each call of alloc_pages(), kmem_cache_alloc() and kmalloc(), also from
 * within one of the others: a slab cache that has no free object asks for frames.
 *
 * On the command line, from when the first program starts, or the monitor:
 *
 *   failalloc=<n>    the nth call fails
 *   failalloc=<n>+   so do all after it
 *   failalloc=each   with selftest=...: each suite, and each lesson, again and again, until each
 *                    call in it has failed in turn (selftest/failures.c)
 */
#ifndef MM_FAILALLOC_H
#define MM_FAILALLOC_H

#include <stdbool.h>
#include <stdint.h>

/* Reads the command line. */
void failalloc_init(void);

/* From now on the nth call fails, n > 0, and with `all_after` so do those after it. */
void failalloc_nth(uint32_t n, bool all_after);

/*
 * From now on the first call fails that comes from a new place, and with `all_after` so do those
 * after it. A place is the list of the functions that have called each other; the first
 * FAILALLOC_TIMES calls of a place are places of their own, as a loop may fail in its middle.
 */
#define FAILALLOC_TIMES 3
void failalloc_new_place(bool all_after);
void failalloc_forget_places(void);

/* Calls succeed again. Has one failed since the last start? */
bool failalloc_stop(void);

/* ---- for the allocators ---- */

extern unsigned failalloc_armed; /* 0 or 1; read only; while it is 0, this is all that it costs */

/* Is this call to fail? Only to be asked while it is armed. */
bool failalloc(void);

#endif
