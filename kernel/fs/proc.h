/*
 * proc.h: /proc: what the kernel knows, as files, in Linux's formats (proc(5)).
 *
 *   proc.c         the directories, and how their files are read
 *   proc_system.c  files about the machine: /proc/meminfo, stat, ...
 *   proc_task.c    files about a process: /proc/<pid>/stat, status, ...
 *   proc_maps.c    its memory: maps, pages, cmdline, environ
 */
#ifndef FS_PROC_H
#define FS_PROC_H

#include <fs/text.h>
#include <stdint.h>

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
};

/* Both end with a row without a name. */
extern const struct proc_file proc_system_files[], proc_task_files[];

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
