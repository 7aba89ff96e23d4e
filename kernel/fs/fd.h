/*
 * fd.h: descriptors, for the system calls that deal in them.
 */
#ifndef FS_FD_H
#define FS_FD_H

#include <fs/file.h>

#define FDS_MAX 65536 /* descriptors of a process, whatever RLIMIT_NOFILE says */

struct fd {
    struct file *file; /* a null pointer: free */
    bool close_on_exec;
};

struct files_struct {
    uint32_t references;
    uint32_t size; /* of the table */
    struct fd *fds;
    uint32_t locks; /* of parts of files: record_lock.h */
};

/* The entry of a descriptor of the current task, or a null pointer: EBADF. */
struct fd *fd_entry(uint32_t fd);

/* Descriptors end below this one. */
uint32_t fd_limit(void);

/* Makes `fd` this file, whose reference it takes over; what it was is closed. `fd`, or -EBADF,
 * -ENOMEM. */
int fd_replace(struct file *file, uint32_t fd, bool close_on_exec);

int fd_close(uint32_t fd);

#endif
