/*
 * pte_access.h: one entry in memory, which the processor may look at and set A and D in at any
 * moment (SDM 3A §4.8). Host tests have a header of this name that plays the processor.
 *
 * An entry of PAE is two words. PAE is chosen only where there is CMPXCHG8B, which writes both at
 * once; P, A and D are in the low one.
 */
#ifndef MM_PTE_ACCESS_H
#define MM_PTE_ACCESS_H

#include <mm/paging.h>

static inline uint64_t pte_read(const void *slot, unsigned entry_bytes) {
    const volatile uint32_t *word = slot;
    return entry_bytes == 8 ? word[0] | (uint64_t)word[1] << 32 : word[0];
}

/* Only where P = 0: the high word first, as the processor goes by the low one. */
static inline void pte_fill(void *slot, unsigned entry_bytes, uint64_t value) {
    volatile uint32_t *word = slot;
    if (entry_bytes == 8) word[1] = (uint32_t)(value >> 32);
    word[0] = (uint32_t)value;
}

/* Writes `value` if the entry is still `*expected`, in one piece. Else false, and `*expected` is
 * what it is now. */
static inline bool pte_replace(void *slot, unsigned entry_bytes, uint64_t *expected,
                               uint64_t value) {
    bool done;
    if (entry_bytes == 8) {
        __asm__ volatile("lock cmpxchg8b %1"
                         : "=@ccz"(done), "+m"(*(volatile uint64_t *)slot), "+A"(*expected)
                         : "b"((uint32_t)value), "c"((uint32_t)(value >> 32))
                         : "memory");
        return done;
    }
    uint32_t old = (uint32_t)*expected;
    __asm__ volatile("lock cmpxchgl %3, %1"
                     : "=@ccz"(done), "+m"(*(volatile uint32_t *)slot), "+a"(old)
                     : "r"((uint32_t)value)
                     : "memory");
    *expected = old;
    return done;
}

/* Writes 0 in place of what was there, which it answers. With P gone nobody looks at the high word. */
static inline uint64_t pte_clear(void *slot, unsigned entry_bytes) {
    volatile uint32_t *word = slot;
    uint32_t low = 0;
    __asm__ volatile("xchgl %0, %1" : "+r"(low), "+m"(*word) : : "memory");
    if (entry_bytes == 4) return low;
    uint32_t high = word[1];
    word[1] = 0;
    return low | (uint64_t)high << 32;
}

#endif
