/*
 * proc.h: /proc: what the kernel knows, as files, in Linux's formats (proc(5)).
 *
 *   proc.c         the directories, and how their files are read
 *   proc_system.c  files about the machine: /proc/meminfo, stat, ...
 *   proc_task.c    files about a process: /proc/<pid>/stat, status, ...
 *   proc_maps.c    its memory: maps, pages, cmdline, environ
 *   proc_pagemap.c the same for programs to read: pagemap
 */
#ifndef FS_PROC_H
#define FS_PROC_H

#include <fs/text.h>
#include <stdint.h>

struct file;
struct file_operations;
struct inode;
struct task;

/* Makes an inode the root directory of a proc file system. */
void proc_root_init(struct inode *inode);

/* A file: its name, its rights, and who writes its text. `task` is a null pointer for files about the
 * machine. */
struct proc_file {
    const char *name;
    uint32_t mode;
    void (*write)(struct text *text, struct task *task);
    const struct file_operations *ops; /* instead of a text; or a null pointer */
};

/* Both end with a row without a name. */
extern const struct proc_file proc_system_files[], proc_task_files[];

/* The process that a file is about, or a null pointer: it has ended. */
struct task *proc_task(const struct inode *inode);

/* Opens a file for those only who could do as much as the process: 0 or -EACCES. */
int proc_open_private(struct inode *inode, struct file *file);

extern const struct file_operations proc_pagemap;

void proc_maps(struct text *text, struct task *task);
void proc_pages(struct text *text, struct task *task);
void proc_cmdline(struct text *text, struct task *task);
void proc_environ(struct text *text, struct task *task);
void proc_score_adj(struct text *text, struct task *task);
int proc_set_score_adj(struct task *task, int32_t adj); /* 0, -EINVAL, -EACCES */
void proc_mounts(struct text *text, struct task *task);
void proc_partitions(struct text *text, struct task *task); /* block/proc.c */
void proc_diskstats(struct text *text, struct task *task);

#endif
