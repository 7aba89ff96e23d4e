/*
 * task.c: all tasks there are.
 */
#include <ascent/layout.h>
#include <cpu/panic.h>
#include <lib/string.h>
#include <mm/kernel_stack.h>
#include <mm/slab.h>
#include <proc/task_private.h>

#define FIRST_PID_AGAIN 300 /* after PID_MAX: those below are daemons', as in Linux */

/* A task and its private half are one object. */
struct whole_task {
    struct task task;
    struct task_private private;
};

/* The task that the kernel starts as. It goes on as the monitor. */
static struct whole_task boot = {
    .task = {.name = "kernel", .state = TASK_RUNNING, .proc = &boot.private},
    .private = {.task = &boot.task},
};

struct task *current = &boot.task;

static struct task *first = &boot.task;
static unsigned count = 1;
static uint32_t last_pid;
static struct kmem_cache *tasks;

void task_init(void) {
    tasks = kmem_cache_create("task", sizeof(struct whole_task), 0, NULL);
    if (!tasks || !signal_init()) panic("no memory for tasks");
}

struct task *task_first(void) {
    return first;
}

struct task *task_find(uint32_t pid) {
    struct task *task = first;

    while (task && task->pid != pid) task = task->next;
    return task;
}

unsigned task_count(void) {
    return count;
}

struct task *task_alloc(const char *name) {
    if (count >= TASKS_MAX) return NULL;
    struct whole_task *whole = kmem_cache_alloc(tasks, GFP_KERNEL | __GFP_ZERO);
    if (!whole) return NULL;
    whole->private.stack = kernel_stack_alloc(name);
    if (!whole->private.stack) {
        kmem_cache_free(tasks, whole);
        return NULL;
    }
    whole->task.proc = &whole->private;
    whole->private.task = &whole->task;
    strlcpy(whole->task.name, name, sizeof whole->task.name);
    count++;
    return &whole->task;
}

void task_free(struct task *task) {
    kernel_stack_free(task->proc->stack);
    kmem_cache_free(tasks, task);
    count--;
}

struct task *task_leader(const struct task *task) {
    const struct signal_struct *signal = task->proc->signal;
    return signal ? signal->leader : task->proc->task;
}

struct pt_regs *task_regs(const struct task *task) {
    return (struct pt_regs *)((uint32_t)task->proc->stack + KERNEL_STACK_SIZE) - 1;
}

/* A group or a session keeps the number of the task that has begun it. */
static bool pid_is_taken(uint32_t pid) {
    for (const struct task *task = first; task; task = task->next)
        if (task->pid == pid || task->tgid == pid || task->pgrp == pid || task->session == pid)
            return true;
    return false;
}

static uint32_t next_pid(void) {
    do {
        if (++last_pid >= PID_MAX) last_pid = FIRST_PID_AGAIN;
    } while (pid_is_taken(last_pid));
    return last_pid;
}

void task_list_add(struct task *task, uint32_t pid) {
    struct task **link = &first;

    task->pid = pid ? pid : next_pid();
    while (*link && (*link)->pid < task->pid) link = &(*link)->next;
    task->next = *link;
    *link = task;
}

void task_list_remove(struct task *task) {
    struct task **link = &first;

    while (*link != task) link = &(*link)->next;
    *link = task->next;
}
