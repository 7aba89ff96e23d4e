/*
 * thread.h: kernel threads: tasks without a program, which run a function of the kernel.
 */
#ifndef PROC_THREAD_H
#define PROC_THREAD_H

#include <proc/task.h>

/*
 * A task that runs `run(with)`, from its turn on. When that returns the task is gone, and nobody has
 * to wait for it; unless it has become a program meanwhile (exec.h): then it goes to ring 3. `pid` 0:
 * the next one that is free. A null pointer if there is no memory.
 */
struct task *thread_start(const char *name, uint32_t pid, void (*run)(void *with), void *with);

/*
 * The same with all that a process has, as a child of the current task, which has to wait for it
 * (exit.h): no files open, at the root, the first process's limits. `run` has to end in task_exit(), or to
 * come back with a program (exec.h).
 */
struct task *process_start(const char *name, uint32_t pid, void (*run)(void *with), void *with);

/* Prepares the stack of a new task: its first turn begins in task_start(). */
void thread_prepare(struct task *task);

#endif
