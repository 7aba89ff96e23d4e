/*
 * flock.h: locks of whole files, which bind only those who ask for one (flock(2)).
 */
#ifndef FS_FLOCK_H
#define FS_FLOCK_H

#include <fs/file.h>

#define LOCK_SH 1u
#define LOCK_EX 2u
#define LOCK_NB 4u
#define LOCK_UN 8u

/* 0, -EINVAL, -EAGAIN (with LOCK_NB), or -ERESTARTSYS. */
int file_flock(struct file *file, uint32_t operation);

/* The file is closed: its lock goes. */
void file_unlock(struct file *file);

#endif
