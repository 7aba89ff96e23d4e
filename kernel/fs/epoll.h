/*
 * epoll.h: waiting for many files, whose list is kept from call to call (epoll(7)).
 *
 * A poll asks all its files at each call. Here each file has an entry in the queues that the file wakes, for as
 * long as it is in the list; what is woken says which files are worth asking.
 */
#ifndef FS_EPOLL_H
#define FS_EPOLL_H

#include <fs/vfs.h>

#define EPOLLONESHOT (1u << 30)
#define EPOLLET (1u << 31)

/* struct epoll_event, as i386 has it. */
struct epoll_event {
    uint32_t events;
    uint64_t data; /* the program's own */
} __attribute__((packed));

/* A new list, as an open file. 0 or -ENOMEM. */
int epoll_make(struct file **file);

bool is_epoll(const struct file *file);

/* Adds a file, which is descriptor `fd`: -EEXIST, -EPERM (a file that is always ready, as those of a disk),
 * -ELOOP (a list in a list), -ENOSPC (too many), -ENOMEM. Changes what it waits for, takes it out: -ENOENT. */
int epoll_add(struct file *list, struct file *file, uint32_t fd, const struct epoll_event *event);
int epoll_modify(struct file *list, const struct file *file, uint32_t fd, const struct epoll_event *event);
int epoll_remove(struct file *list, const struct file *file, uint32_t fd);

/* What is ready, at most `most` of it, goes to the program's array at `user`: how many, or -EFAULT; what does
 * not get there is kept. */
int32_t epoll_collect(struct file *list, uint32_t user, uint32_t most);

/* Waits until that may be more than none, or for so many ticks. 0 or -ERESTARTSYS. */
int epoll_sleep(struct file *list, uint64_t until);

/* A file is closed by the last who had it: it is in no list any more. */
void epoll_forget(const struct file *file);

#endif
