/*
 * return.c: the way back to ring 3: the one place where a task loses the processor without asking.
 */
#include <cpu/control.h>
#include <proc/return.h>
#include <proc/schedule.h>
#include <proc/task_private.h>

static void give_way(void) {
    need_resched = false;
    current->involuntary_switches++;
    task_yield();
}

/* Each look may let an interrupt come, and that bring something new: until there is nothing. */
void return_to_ring3(struct pt_regs *regs) {
    for (;;) {
        if (need_resched) {
            give_way();
        } else if (current->proc->look || signal_pending()) {
            sti();
            signal_deliver(regs);
            cli();
        } else {
            return;
        }
    }
}
