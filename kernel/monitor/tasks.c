/*
 * tasks.c: the commands ps, syscalls and why: what runs, what it has asked for, and how the last
 * program ended that did not want to.
 */
#include <dev/pit.h>
#include <lib/printk.h>
#include <monitor/commands.h>
#include <proc/schedule.h>
#include <proc/task_private.h>
#include <proc/user_fault.h>
#include <syscall/table.h>

#define MS_PER_TICK (1000 / HZ)

/* The stack pointer is the whole of what the kernel keeps of a task that does not run: switch.asm. */
bool command_ps(int argc, char **argv) {
    (void)argc, (void)argv;
    printk("  pid parent group st      cr3 kernel esp  pages  user ms kernel ms switches name\n");
    for (const struct task *task = task_first(); task; task = task->next) {
        const struct mm_struct *mm = task->mm;
        printk("%5u %6u %5u  %c %8llx   %08x %6u %8u %9u %8u %s%s\n", task->pid,
               task->parent ? task->parent->pid : 0, task->pgrp, (char)task->state,
               mm ? mm->pt.root.value : 0, task == current ? 0 : task->proc->esp,
               mm ? mm_resident(mm) : 0, task->user_ticks * MS_PER_TICK,
               task->kernel_ticks * MS_PER_TICK,
               task->voluntary_switches + task->involuntary_switches, task->name,
               task == current ? " (runs)" : "");
    }
    printk("%llu switches, idle %u ms of %u\n", context_switches, idle_ticks * MS_PER_TICK,
           jiffies * MS_PER_TICK);
    return true;
}

bool command_syscalls(int argc, char **argv) {
    unsigned kinds = 0;

    (void)argc, (void)argv;
    for (uint32_t number = 0; number < SYSCALLS; number++) {
        const char *name = syscall_name(number);
        if (!syscall_count(number)) continue;
        printk("%4u %-20s %8u   ", number, name ? name : "(unknown)", syscall_count(number));
        if (++kinds % 2 == 0) printk("\n");
    }
    if (kinds % 2) printk("\n");
    if (!kinds) printk("No program has made a system call.\n");
    return true;
}

bool command_why(int argc, char **argv) {
    (void)argc, (void)argv;
    user_fault_explain();
    return true;
}
