/*
 * wait.c: queues of tasks that wait for something, and the sleep itself.
 */
#include <lib/errno.h>
#include <lib/irq.h>
#include <proc/schedule.h>
#include <proc/task_private.h>
#include <proc/wait.h>
#include <stddef.h>

void wait_add(struct wait_queue *queue, struct wait_entry *entry) {
    wait_add_call(queue, entry, NULL, NULL);
}

void wait_add_call(struct wait_queue *queue, struct wait_entry *entry, void (*wake)(struct wait_entry *entry),
                   void *with) {
    uint32_t eflags = irq_save();

    entry->task = current;
    entry->wake = wake;
    entry->with = with;
    entry->next = queue->first;
    entry->link = &queue->first;
    if (entry->next) entry->next->link = &entry->next;
    queue->first = entry;
    irq_restore(eflags);
}

void wait_remove(struct wait_entry *entry) {
    uint32_t eflags = irq_save();

    *entry->link = entry->next;
    if (entry->next) entry->next->link = entry->link;
    irq_restore(eflags);
}

void wake_up(struct wait_queue *queue) {
    uint32_t eflags = irq_save();

    for (struct wait_entry *entry = queue->first; entry; entry = entry->next)
        if (entry->wake) entry->wake(entry);
        else task_wake(entry->task);
    irq_restore(eflags);
}

static void time_is_over(struct timer *timer) {
    struct task_private *proc =
        (struct task_private *)((char *)timer - __builtin_offsetof(struct task_private, timeout));

    task_wake(proc->task);
}

/* `woken` stays until it is looked at here: who is woken before he sleeps does not sleep. */
static void sleep(uint32_t ticks, enum task_state state) {
    struct task_private *proc = current->proc;

    if (ticks == 0 || proc->woken) return;
    if (ticks != WAIT_FOREVER) {
        proc->timeout.expired = time_is_over;
        timer_start(&proc->timeout, ticks);
    }
    current->state = state;
    current->voluntary_switches++;
    schedule();
    timer_stop(&proc->timeout);
}

int task_sleep(uint32_t ticks) {
    uint32_t eflags = irq_save();

    if (!signal_pending()) sleep(ticks, TASK_INTERRUPTIBLE);
    bool woken = current->proc->woken;
    current->proc->woken = false;
    irq_restore(eflags);
    return !woken && signal_pending() ? -ERESTARTSYS : 0;
}

void task_sleep_uninterruptible(uint32_t ticks) {
    uint32_t eflags = irq_save();

    sleep(ticks, TASK_UNINTERRUPTIBLE);
    current->proc->woken = false;
    irq_restore(eflags);
}

void task_sleep_killable(void) {
    uint32_t eflags = irq_save();

    if (!signal_ends_task()) sleep(WAIT_FOREVER, TASK_INTERRUPTIBLE);
    current->proc->woken = false;
    irq_restore(eflags);
}
