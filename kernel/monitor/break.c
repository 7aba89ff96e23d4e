/*
 * break.c: Alt+SysRq, or Ctrl+] at either place, calls the monitor while programs run. It is a task
 * like others; as kernel code is not preempted, nobody else runs until it waits again.
 */
#include <cpu/panic.h>
#include <dev/tty.h>
#include <lib/printk.h>
#include <monitor/break.h>
#include <monitor/commands.h>
#include <monitor/monitor.h>
#include <proc/schedule.h>
#include <proc/thread.h>

#define MONITOR_PID 2 /* init is 1 */

static volatile bool called;
static struct wait_queue calls;
static bool watching;

static void watch(void *with) {
    struct wait_entry entry;
    (void)with;

    for (;;) {
        wait_add(&calls, &entry);
        while (!called) task_sleep(WAIT_FOREVER);
        wait_remove(&entry);
        tty_suspend();
        monitor_break();
        called = false;
        tty_resume();
    }
}

void monitor_watch(void) {
    if (!thread_start("monitor", MONITOR_PID, watch, 0)) panic("no memory for the monitor's stack");
    watching = true;
}

void monitor_call(void) {
    called = true;
    wake_up(&calls);
    need_resched = true; /* now, and not when it is its turn */
}

bool command_continue(int argc, char **argv) {
    (void)argc, (void)argv;
    if (!watching) printk("There are no programs to go on with.\n");
    monitor_goes_on = true;
    return true;
}
