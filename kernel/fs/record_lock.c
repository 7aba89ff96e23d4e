/*
 * record_lock.c: locks of parts of files. A process has at most one lock on each byte: a new one cuts
 * away what it had there.
 */
#include <fs/fd.h>
#include <fs/record_lock.h>
#include <lib/errno.h>
#include <mm/kmalloc.h>

/* Who waits, and for what. */
struct waiter {
    struct waiter *next;
    const struct inode *inode;
    const struct record_lock *wanted;
};

static struct wait_queue changes; /* of all files: it is rare */
static struct waiter *waiters;
static uint32_t locks; /* in all */

static bool overlap(const struct record_lock *a, const struct record_lock *b) {
    return a->start <= b->last && b->start <= a->last;
}

const struct record_lock *record_in_the_way(const struct inode *inode,
                                            const struct record_lock *wanted) {
    if (wanted->kind == RECORD_NONE) return 0;
    for (const struct record_lock *lock = inode->locks; lock; lock = lock->next) {
        bool shared = lock->kind == RECORD_READ && wanted->kind == RECORD_READ;
        if (lock->owner != wanted->owner && !shared && overlap(lock, wanted)) return lock;
    }
    return 0;
}

static struct record_lock *add(struct inode *inode, struct record_lock *lock,
                               const struct record_lock *like) {
    *lock = *like;
    lock->next = inode->locks;
    inode->locks = lock;
    lock->owner->locks++;
    locks++;
    return lock;
}

static void take_out(struct record_lock **link) {
    struct record_lock *lock = *link;

    *link = lock->next;
    lock->owner->locks--;
    locks--;
    kfree(lock);
}

/* Cuts [wanted] out of what its owner has: a lock may go, lose an end, or become two, for which there
 * is `spare`. True: that was used. */
static bool cut(struct inode *inode, const struct record_lock *wanted, struct record_lock *spare) {
    struct record_lock **link = &inode->locks;
    bool used = false;

    while (*link) {
        struct record_lock *lock = *link;
        bool before = lock->start < wanted->start, behind = lock->last > wanted->last;
        if (lock->owner != wanted->owner || !overlap(lock, wanted)) {
            link = &lock->next;
        } else if (!before && !behind) {
            take_out(link);
        } else {
            if (before && behind && spare) {
                add(inode, spare, lock)->start = wanted->last + 1;
                used = true;
            }
            if (before)
                lock->last = wanted->start - 1;
            else
                lock->start = wanted->last + 1;
            link = &lock->next;
        }
    }
    return used;
}

/* What somebody waits for, or a null pointer. Threads have one owner: then it is what one of them waits for. */
static const struct waiter *wait_of(const struct files_struct *owner) {
    const struct waiter *waiter = waiters;

    while (waiter && waiter->wanted->owner != owner) waiter = waiter->next;
    return waiter;
}

#define CHAIN_MAX 10 /* links, as in Linux: what is longer is not seen */

/* Does who has `lock` wait for `owner`, himself or by others who wait for others? */
static bool waits_for(const struct record_lock *lock, const struct files_struct *owner) {
    for (unsigned i = 0; lock && i < CHAIN_MAX; i++) {
        const struct waiter *waiter = wait_of(lock->owner);
        lock = waiter ? record_in_the_way(waiter->inode, waiter->wanted) : 0;
        if (lock && lock->owner == owner) return true;
    }
    return false;
}

static void stop_waiting(const struct waiter *waiter) {
    struct waiter **link = &waiters;

    while (*link != waiter) link = &(*link)->next;
    *link = waiter->next;
}

static int wait_until_free(struct inode *inode, const struct record_lock *wanted) {
    struct waiter waiter = {waiters, inode, wanted};
    const struct record_lock *lock;
    struct wait_entry entry;
    int error = 0;

    waiters = &waiter;
    wait_add(&changes, &entry);
    while (!error && (lock = record_in_the_way(inode, wanted)))
        error = waits_for(lock, wanted->owner) ? -EDEADLK : task_sleep(WAIT_FOREVER);
    wait_remove(&entry);
    stop_waiting(&waiter);
    return error;
}

/* Lets it have the bytes of those of its owner that it touches, which go. */
static void join(struct inode *inode, struct record_lock *lock) {
    struct record_lock **link = &inode->locks;

    while (*link) {
        const struct record_lock *other = *link;
        bool touch = other->start == lock->last + 1 || lock->start == other->last + 1;
        if (other->owner != lock->owner || other->kind != lock->kind || !touch) {
            link = &(*link)->next;
            continue;
        }
        if (other->start < lock->start) lock->start = other->start;
        else lock->last = other->last;
        take_out(link);
    }
}

/* Lies it within one of its owner's, of which two are left then? */
static bool splits(const struct inode *inode, const struct record_lock *wanted) {
    for (const struct record_lock *lock = inode->locks; lock; lock = lock->next)
        if (lock->owner == wanted->owner && lock->start < wanted->start && lock->last > wanted->last)
            return true;
    return false;
}

static bool is_room(const struct inode *inode, const struct record_lock *wanted) {
    uint32_t more = (wanted->kind != RECORD_NONE) + (uint32_t)splits(inode, wanted);

    if (!more) return true;
    return wanted->owner->locks + more <= RECORD_LOCKS_OF_PROCESS && locks + more <= RECORD_LOCKS;
}

int record_set(struct inode *inode, const struct record_lock *wanted, bool wait) {
    struct record_lock *made = kmalloc(sizeof *made, GFP_KERNEL);
    struct record_lock *spare = kmalloc(sizeof *spare, GFP_KERNEL);

    int error = made && spare ? 0 : -ENOMEM;
    if (!error && record_in_the_way(inode, wanted))
        error = wait ? wait_until_free(inode, wanted) : -EAGAIN;
    if (!error && !is_room(inode, wanted)) error = -ENOLCK;
    if (!error) {
        if (cut(inode, wanted, spare)) spare = 0;
        if (wanted->kind != RECORD_NONE) {
            struct record_lock whole = *wanted;
            join(inode, &whole);
            add(inode, made, &whole);
            made = 0;
        }
        wake_up(&changes);
    }
    kfree(made);
    kfree(spare);
    return error;
}

void record_release(struct inode *inode, struct files_struct *owner) {
    struct record_lock all = {.owner = owner, .kind = RECORD_NONE, .last = UINT64_MAX};

    if (!inode->locks) return;
    cut(inode, &all, 0); /* nothing is before or behind: no spare one is needed */
    wake_up(&changes);
}
