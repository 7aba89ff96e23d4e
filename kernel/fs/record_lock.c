/*
 * record_lock.c: locks of parts of files. A process has at most one lock on each byte: a new one cuts
 * away what it had there.
 */
#include <fs/record_lock.h>
#include <lib/errno.h>
#include <mm/kmalloc.h>

static struct wait_queue waiters; /* of all files: it is rare */

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
    return lock;
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
            *link = lock->next;
            kfree(lock);
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

static int wait_until_free(struct inode *inode, const struct record_lock *wanted) {
    struct wait_entry entry;
    int error = 0;

    wait_add(&waiters, &entry);
    while (!error && record_in_the_way(inode, wanted)) error = task_sleep(WAIT_FOREVER);
    wait_remove(&entry);
    return error;
}

int record_set(struct inode *inode, const struct record_lock *wanted, bool wait) {
    struct record_lock *made = kmalloc(sizeof *made, GFP_KERNEL);
    struct record_lock *spare = kmalloc(sizeof *spare, GFP_KERNEL);

    int error = made && spare ? 0 : -ENOMEM;
    if (!error && record_in_the_way(inode, wanted))
        error = wait ? wait_until_free(inode, wanted) : -EAGAIN;
    if (!error) {
        if (cut(inode, wanted, spare)) spare = 0;
        if (wanted->kind != RECORD_NONE) {
            add(inode, made, wanted);
            made = 0;
        }
        wake_up(&waiters);
    }
    kfree(made);
    kfree(spare);
    return error;
}

void record_release(struct inode *inode, const struct files_struct *owner) {
    struct record_lock all = {.owner = owner, .kind = RECORD_NONE, .last = UINT64_MAX};

    if (!inode->locks) return;
    cut(inode, &all, 0); /* nothing is before or behind: no spare one is needed */
    wake_up(&waiters);
}
