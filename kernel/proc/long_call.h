/*
 * long_call.h: system calls that may take long, such as a write of a gigabyte: kernel code is not
 * preempted, so they ask now and then.
 */
#ifndef PROC_LONG_CALL_H
#define PROC_LONG_CALL_H

#include <lib/errno.h>
#include <proc/schedule.h>

/* Lets others run if this task's time is over. 0, or -ERESTARTSYS: a signal has come, end the call with
 * what is done. */
static inline int long_call_check(void) {
    if (need_resched) {
        need_resched = false;
        task_yield();
    }
    return signal_pending() ? -ERESTARTSYS : 0;
}

#endif
