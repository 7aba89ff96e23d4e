/*
 * record_lock.h: locks of parts of files, by process (fcntl(2), F_SETLK). They bind only those who ask;
 * all that a process has on a file go when it closes any descriptor of it.
 */
#ifndef FS_RECORD_LOCK_H
#define FS_RECORD_LOCK_H

#include <fs/vfs.h>

enum record_kind { RECORD_READ, RECORD_WRITE, RECORD_NONE };

/* So many there may be, of one process and in all: each of them is looked at when one is set. */
#define RECORD_LOCKS_OF_PROCESS 1024u
#define RECORD_LOCKS 8192u

struct record_lock {
    struct record_lock *next;      /* of the inode */
    struct files_struct *owner; /* what makes a process one here */
    uint32_t pid;
    enum record_kind kind; /* readers share, a writer is alone */
    uint64_t start, last;  /* bytes, `last` included */
};

/* A lock of somebody else that is in the way of this one, or a null pointer. */
const struct record_lock *record_in_the_way(const struct inode *inode,
                                            const struct record_lock *wanted);

/* Puts `wanted` in place of what its owner has there; RECORD_NONE: nothing. -EAGAIN if somebody is in
 * the way, unless it may wait: then 0, -ERESTARTSYS, or -EDEADLK if who is in the way waits for `wanted`'s
 * owner. -ENOLCK: there are too many; -ENOMEM. After an error nothing has changed. */
int record_set(struct inode *inode, const struct record_lock *wanted, bool wait);

/* A process closes a file. */
void record_release(struct inode *inode, struct files_struct *owner);

#endif
