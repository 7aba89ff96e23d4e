/*
 * rusage.h: times and counts of processes, and times in user memory, as several calls give them.
 */
#ifndef SYSCALL_RUSAGE_H
#define SYSCALL_RUSAGE_H

#include <proc/exit.h>

/* struct rusage of a child that has been waited for. 0 or -EFAULT. */
int rusage_of_child(uint32_t user, const struct wait_answer *answer);

/* struct timespec with 32 or 64 bits of seconds, as nanoseconds. 0, -EFAULT, -EINVAL. */
int time_from_user32(uint64_t *ns, uint32_t user);
int time_from_user64(uint64_t *ns, uint32_t user);

#endif
