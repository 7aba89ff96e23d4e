/*
 * return.c: the way back to ring 3.
 */
#include <proc/return.h>
#include <proc/schedule.h>

void return_to_ring3(struct pt_regs *regs) {
    (void)regs;
    while (need_resched) {
        current->involuntary_switches++;
        task_yield();
        need_resched = false;
    }
}
