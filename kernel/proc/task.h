/*
 * task.h: what runs: kernel threads and processes. One processor, and kernel code is not preempted by
 * another task: a switch happens where code blocks (wait.h), and on the way back to ring 3. So what
 * only tasks touch needs no lock; what interrupt handlers touch is changed with interrupts off.
 */
#ifndef PROC_TASK_H
#define PROC_TASK_H

#include <cpu/regs.h>
#include <mm/mm_struct.h>
#include <proc/wait.h>
#include <stdbool.h>
#include <stdint.h>

struct files_struct;
struct fs_struct;
struct tty;

#define TASK_NAME_MAX 16 /* with the NUL, as Linux's comm */
#define PID_MAX 32768
#define TASKS_MAX 500    /* at a time: there are kernel stacks for so many; then fork() answers -EAGAIN */

/* What kill(2), ps and /proc/pid/stat call it. */
enum task_state {
    TASK_RUNNING = 'R',         /* runs, or would like to */
    TASK_INTERRUPTIBLE = 'S',   /* sleeps; a signal wakes it */
    TASK_UNINTERRUPTIBLE = 'D', /* sleeps */
    TASK_STOPPED = 'T',         /* by SIGSTOP and the like */
    TASK_ZOMBIE = 'Z',          /* has ended; its parent has not asked yet */
};

enum rlimit_id {
    RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_CORE, RLIMIT_RSS, RLIMIT_NPROC,
    RLIMIT_NOFILE, RLIMIT_MEMLOCK, RLIMIT_AS, RLIMIT_LOCKS, RLIMIT_SIGPENDING, RLIMIT_MSGQUEUE,
    RLIMIT_NICE, RLIMIT_RTPRIO, RLIMIT_RTTIME, RLIMITS,
};

struct rlimit {
    uint32_t now, most;
};

struct task {
    uint32_t pid, tgid; /* a thread has the tgid of its process */
    uint32_t pgrp, session;
    char name[TASK_NAME_MAX];
    enum task_state state;
    struct task *parent, *first_child, *sibling;
    struct task *next; /* of all tasks: task_first() */

    struct mm_struct *mm; /* a null pointer: a kernel thread, which runs in any space */
    struct files_struct *files;
    struct fs_struct *fs;
    struct tty *tty; /* the controlling terminal */

    uint32_t uid, euid, suid, gid, egid, sgid;
    struct rlimit rlimit[RLIMITS];

    uint32_t exit_code; /* as wait4() reports it */
    uint64_t start_jiffies;
    uint32_t user_ticks, kernel_ticks, children_user_ticks, children_kernel_ticks;
    uint32_t voluntary_switches, involuntary_switches;

    /* What only kernel/proc looks into. */
    struct task_private *proc;
};

/* The task that runs. Before task_init() and in the monitor: the kernel's own first task, pid 0. */
extern struct task *current;

/* From now on there are tasks: the one that runs is the first. Needs the slab caches. */
void task_init(void);

/* All tasks, in order of pid. */
struct task *task_first(void);
struct task *task_find(uint32_t pid); /* a null pointer: no such one */

/* Has a signal come that `current` has to look at? */
bool signal_pending(void);

/* Does `current` have to end: is its process killed, or does another of its threads wait in execve()? */
bool signal_ends_task(void);

/* Sends a signal to a task, to a process group. From tasks and interrupt handlers. 0 or -ESRCH. */
int signal_send(struct task *task, unsigned signal);
int signal_send_group(uint32_t pgrp, unsigned signal);

/* Is a signal ignored or blocked by `current`? For the terminal's SIGTTIN and SIGTTOU. */
bool signal_is_ignored(unsigned signal);

/* Signals that others than kernel/proc send. */
#define SIGHUP 1
#define SIGINT 2
#define SIGQUIT 3
#define SIGPIPE 13
#define SIGTSTP 20
#define SIGTTIN 21
#define SIGTTOU 22
#define SIGXFSZ 25
#define SIGWINCH 28

/* The time: CLOCK_REALTIME and CLOCK_MONOTONIC, in nanoseconds. */
uint64_t clock_realtime(void);
uint64_t clock_monotonic(void);

#endif
