/*
 * poll.h: what poll(2) asks of a file: is it ready, and who will say so.
 */
#ifndef FS_POLL_H
#define FS_POLL_H

#include <proc/wait.h>
#include <stdint.h>

#define POLLIN 0x001u
#define POLLPRI 0x002u
#define POLLOUT 0x004u
#define POLLERR 0x008u
#define POLLHUP 0x010u
#define POLLNVAL 0x020u
#define POLLRDNORM 0x040u
#define POLLWRNORM 0x100u

#define QUEUES_PER_FILE 2 /* at most */

/* The queues that somebody waits in. */
struct poll_table {
    struct wait_entry *entries;
    uint32_t used, size;
    void (*wake)(struct wait_entry *entry); /* of wait_add_call(); a null pointer: the task waits */
    void *with;
};

/* The one who polls is to be woken with `queue`. A null pointer as table: it will not wait. */
void poll_wait(struct poll_table *table, struct wait_queue *queue);

#endif
