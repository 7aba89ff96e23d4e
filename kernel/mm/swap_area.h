/*
 * swap_area.h: what is known of a swap area: for the files of swap alone.
 *
 *   slot           0     1     2     3     4     5    ...
 *   on the disk   head  page  page  old   old   bad
 *   used           1     1     1     0     0     1        a bitmap: 32 slots, one word, are a cluster
 *   entries        0     3     0     0     0     1        how many entries name it
 *   cached         -     -    frame  -     -    frame     its frame, if it is in memory
 *
 * A slot is in use for as long as an entry names it, or its frame is in the cache. Slot 2 was brought in
 * again by all who had it: it is kept for as long as they only read.
 */
#ifndef MM_SWAP_AREA_H
#define MM_SWAP_AREA_H

#include <mm/swap.h>

#define SWAP_CLUSTER 32u          /* slots of a word */
#define SWAP_SLOTS_MAX (1u << 20) /* what an entry can name */

struct swap_area {
    struct block_device *device; /* a null pointer: there is no such area */
    int priority;                /* as in /proc/swaps: -2, -3... */
    uint32_t slots;              /* with that of the header, 0 */
    uint32_t in_use, bad;        /* slots; those in use may be bad, others that are count as `bad` */
    uint32_t free_clusters;      /* words of `used` that are 0 */
    uint32_t next;               /* the slot to give next, if it is free and no cluster begins there */
    uint32_t hand;               /* the slot that swap_write_out() looks at next */
    unsigned transfers;          /* tasks that are under way with the disk */
    unsigned failures;           /* slots in a row that could not be written */
    bool closed;                 /* swap_off() is at work */
    bool dead;                   /* no page goes there any more */
    uint32_t *used, *unreliable; /* bitmaps; the second: reading or writing has failed */
    uint32_t *in_memory;         /* a bitmap: those that have a frame */
    uint16_t *entries;
    struct page **cached;
};

extern struct swap_area swap_areas[SWAP_AREAS];

static inline struct swap_area *swap_area_of(uint64_t value) {
    return &swap_areas[pte_swap_area(value)];
}

static inline uint64_t swap_slot_value(const struct swap_area *area, uint32_t slot) {
    return pte_swapped((unsigned)(area - swap_areas), slot);
}

static inline bool swap_bit(const uint32_t *map, uint32_t slot) {
    return map[slot / 32] >> slot % 32 & 1;
}

static inline void swap_set_bit(uint32_t *map, uint32_t slot) {
    map[slot / 32] |= 1u << slot % 32;
}

static inline void swap_clear_bit(uint32_t *map, uint32_t slot) {
    map[slot / 32] &= ~(1u << slot % 32);
}

/* ---- swap_slots.c ---- */

/* The arrays of an area with `slots` slots, of which 0 is in use. False: no memory. */
bool swap_slots_make(struct swap_area *area, uint32_t slots);
void swap_slots_free(struct swap_area *area);

/* A free slot of the area, beside the one before if that can be; 0: there is none. */
uint32_t swap_slot_take(struct swap_area *area);

/* Frees a slot that no entry names, with its frame, unless somebody else has that. */
void swap_slot_settle(struct swap_area *area, uint32_t slot);

/* How many slots are free to take. */
uint32_t swap_slots_free_in(const struct swap_area *area);

/* ---- swap_cache.c ---- */

/* A frame, with the reference that the caller has of it, becomes that of this slot. */
void swap_cache_enter(struct swap_area *area, uint32_t slot, struct page *page, unsigned dirty);

/* A frame of the cache is no slot's any more: the reference is the caller's. */
void swap_cache_remove(struct swap_area *area, uint32_t slot);

#endif
