/*
 * futex.h: sleeping on a word of user memory (futex(2)): what locks of the C libraries are made of.
 */
#ifndef PROC_FUTEX_H
#define PROC_FUTEX_H

#include <stdbool.h>
#include <stdint.h>

struct mm_struct;
struct task;

#define FUTEX_WAIT 0u
#define FUTEX_WAKE 1u
#define FUTEX_REQUEUE 3u
#define FUTEX_CMP_REQUEUE 4u
#define FUTEX_WAKE_OP 5u
#define FUTEX_WAIT_BITSET 9u
#define FUTEX_WAKE_BITSET 10u
#define FUTEX_PRIVATE_FLAG 128u
#define FUTEX_CLOCK_REALTIME 256u

/* What memory it is decides who meets. */
struct futex_key {
    const struct mm_struct *mm; /* of private memory, and `place` is the address; else a null pointer */
    uint32_t device, inode;     /* of shared memory: its file, and `place` is the byte of it */
    uint64_t place;
};

struct futex_sleeper {
    struct futex_key key;
    uint32_t bits;
    struct task *task;
    bool woken;
    struct futex_sleeper *next, **link;
};

/*
 * Sleeps while the word is `value`, until a wake with a bit of `bits` in common, or the clock
 * (clock_monotonic()) is at `until`; ~0: for ever. 0; -EAGAIN: the word is another; -ETIMEDOUT;
 * -EFAULT; -ERESTARTSYS.
 */
int32_t futex_wait(uint32_t user, bool private, uint32_t value, uint32_t bits, uint64_t until);

/* Wakes `most` of those who sleep there, and lets `move` more sleep on another word. How many it
 * were; -EFAULT. */
int32_t futex_wake(uint32_t user, bool private, uint32_t most, uint32_t bits);
int32_t futex_requeue(uint32_t user, uint32_t to, bool private, uint32_t most, uint32_t move);

/* A thread leaves its space: its robust list, and clear_child_tid if others stay. */
void futex_leave(bool others_stay);

#endif
