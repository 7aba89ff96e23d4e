/*
 * ring.h: keys between an interrupt handler, which puts, and the console, which gets.
 */
#ifndef DEV_RING_H
#define DEV_RING_H

#include <stdint.h>

#define RING_SIZE 256

struct ring {
    int entries[RING_SIZE];
    uint32_t put, got; /* counted since the start; their difference is what is in there */
};

/* Drops the entry when the ring is full: nobody has read for a long time. */
static inline void ring_put(struct ring *ring, int entry) {
    if (ring->put - ring->got < RING_SIZE) ring->entries[ring->put++ % RING_SIZE] = entry;
}

/* The oldest entry, or -1. Call it with interrupts off. */
static inline int ring_get(struct ring *ring) {
    return ring->put == ring->got ? -1 : ring->entries[ring->got++ % RING_SIZE];
}

#endif
