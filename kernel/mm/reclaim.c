/*
 * reclaim.c: what is given up when memory is short, the cheapest first.
 */
#include <mm/reclaim.h>
#include <mm/slab.h>

unsigned reclaim_frames(void) {
    return slab_reclaim();
}
