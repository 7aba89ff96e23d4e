/*
 * proc.h: /proc: what the kernel knows, as files (proc(5)).
 */
#ifndef FS_PROC_H
#define FS_PROC_H

struct inode;

/* Makes an inode the root directory of a proc file system. */
void proc_root_init(struct inode *inode);

#endif
