/*
 * lock.h: F_GETLK, F_SETLK and F_SETLKW of fcntl(2).
 */
#ifndef SYSCALL_LOCK_H
#define SYSCALL_LOCK_H

#include <fs/file.h>

/* `user` is the address of a struct flock, or of a struct flock64 if `wide`; `fd` names the file. */
int32_t file_get_lock(struct file *file, uint32_t user, bool wide);
int32_t file_set_lock(uint32_t fd, struct file *file, uint32_t user, bool wide, bool wait);

#endif
