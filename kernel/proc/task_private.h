/*
 * task_private.h: what only kernel/proc knows of a task.
 */
#ifndef PROC_TASK_PRIVATE_H
#define PROC_TASK_PRIVATE_H

#include <proc/task.h>
#include <proc/timer.h>

struct task_private {
    struct task *task; /* the other half */

    /* Its stack in the kernel: switch.asm. */
    void *stack;  /* its bottom; a null pointer: the stack that the kernel has started on */
    uint32_t esp; /* while it does not run */
    void (*run)(void *with); /* a kernel thread: what it does */
    void *with;

    /* schedule.c, wait.c */
    struct task *next_ready;
    uint32_t slice;       /* ticks that it may still run before the next one's turn */
    bool woken;           /* since the last task_sleep() */
    struct timer timeout; /* of task_sleep() */
};

/* The registers of ring 3, which lie at the very top of the stack. */
struct pt_regs *task_regs(const struct task *task);

/* ---- task.c: all tasks ---- */

/*
 * A task with a stack, not in the list yet: all else is 0. A null pointer: there is no memory, or
 * there are TASKS_MAX already.
 */
struct task *task_alloc(const char *name);

/* Takes back what task_alloc() gave. It is in no list, and does not run. */
void task_free(struct task *task);

/* Puts it into the list of all, with this pid, or for 0 with the next one that is free; out of it. */
void task_list_add(struct task *task, uint32_t pid);
void task_list_remove(struct task *task);

/* How many there are, the boot task included. */
unsigned task_count(void);

#endif
