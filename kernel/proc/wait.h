/*
 * wait.h: how a task sleeps until something happens, and how it is woken.
 *
 *   struct wait_entry entry;
 *
 *   wait_add(&pipe->readers, &entry);        // from here on a wake_up() counts
 *   while (pipe_is_empty(pipe)) {
 *       error = task_sleep(WAIT_FOREVER);
 *       if (error) break;                    // -ERESTARTSYS: a signal
 *   }
 *   wait_remove(&entry);
 *
 * wait_add() marks the task as about to sleep; a wake_up() between there and task_sleep(), also from
 * an interrupt handler, makes that return at once, so that none is lost. A task may wait on several
 * queues at once, with an entry for each (poll).
 */
#ifndef PROC_WAIT_H
#define PROC_WAIT_H

#include <stdint.h>

struct task;

struct wait_entry {
    struct task *task;
    struct wait_entry *next, **link; /* link: what points here */
    void (*wake)(struct wait_entry *entry); /* instead of waking the task: may be a null pointer */
    void *with;                             /* its own */
};

struct wait_queue {
    struct wait_entry *first;
};

#define WAIT_FOREVER 0xFFFFFFFFu

/* Puts the current task into a queue, and takes it out again. The second: `wake` is called, with interrupts off,
 * at each wake_up(). */
void wait_add(struct wait_queue *queue, struct wait_entry *entry);
void wait_add_call(struct wait_queue *queue, struct wait_entry *entry, void (*wake)(struct wait_entry *entry),
                   void *with);
void wait_remove(struct wait_entry *entry);

/*
 * Gives the processor away until somebody wakes one of the queues, or `ticks` (1/HZ s) are over, or
 * a signal has come. 0 when woken or timed out (look again, and at the clock); -ERESTARTSYS.
 */
int task_sleep(uint32_t ticks);

/* The same, but signals wait. For short waits that must not be broken off. */
void task_sleep_uninterruptible(uint32_t ticks);

/* Until woken, by somebody or by any signal: the caller looks again what it waits for. Not at all once the
 * task has to end (signal_ends_task()). */
void task_sleep_killable(void);

/* Wakes all tasks of the queue. Also from interrupt handlers. */
void wake_up(struct wait_queue *queue);

#endif
