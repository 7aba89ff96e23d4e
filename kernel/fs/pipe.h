/*
 * pipe.h: pipes, and FIFOs, which are pipes with a name (pipe(7)).
 */
#ifndef FS_PIPE_H
#define FS_PIPE_H

#include <fs/vfs.h>

#define PIPE_SIZE 65536u /* bytes that may wait in it */
#define PIPE_BUF 4096u   /* a write of so many is not mixed with others */

extern const struct file_operations fifo_operations;

/* Once, before the first pipe. False: no memory. */
bool pipe_init(void);

/* The two ends of a new pipe. `flags`: O_NONBLOCK. 0, -ENFILE or -ENOMEM. */
int pipe_make(struct file **read_end, struct file **write_end, uint32_t flags);

/* Bytes that wait to be read: FIONREAD. */
uint32_t pipe_bytes(const struct file *file);

#endif
