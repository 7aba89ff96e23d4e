/*
 * tls.h: the descriptors of the GDT that each thread has to itself: C libraries keep a thread's own
 * data in a segment of GS (set_thread_area(2)).
 */
#ifndef PROC_TLS_H
#define PROC_TLS_H

#include <proc/task.h>

/* struct user_desc of uapi/asm/ldt.h. */
struct user_desc {
    uint32_t entry; /* index in the GDT; -1: one that is free */
    uint32_t base, limit;
    uint32_t flags;
};

/* Sets an entry of `task` from the description at user address `user`; with `choose`, entry -1 gets a
 * free one, which is written back. 0, -EFAULT, -EINVAL, -ESRCH: none is free. */
int32_t tls_set(struct task *task, uint32_t user, bool choose);

/* The other way. 0, -EFAULT, -EINVAL. */
int32_t tls_get(const struct task *task, uint32_t user);

/* Puts the entries of the task that runs next into the GDT. */
void tls_load(const struct task *task);

#endif
