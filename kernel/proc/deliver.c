/*
 * deliver.c: what a signal does, when ring 3 is about to go on: ends the process, stops it, or calls
 * a handler. And which calls are made again afterwards (signal(7), "Interruption of system calls").
 */
#include <cpu/control.h>
#include <lib/errno.h>
#include <proc/exit.h>
#include <proc/schedule.h>
#include <proc/task_private.h>
#include <proc/user_fault.h>
#include <syscall/syscall.h>

#define INT_80_BYTES 2
#define NR_RESTART_SYSCALL 0

static bool default_action(const struct siginfo *info);
static void call_handler(struct pt_regs *regs, struct sigaction *action,
                         const struct siginfo *info);
static void restart_call(struct pt_regs *regs, const struct sigaction *action);
static void stay_stopped(void);

void signal_deliver(struct pt_regs *regs) {
    struct task_private *me = current->proc;
    struct siginfo info;
    unsigned signal;

    me->look = false;
    for (;;) {
        stay_stopped();
        if (me->signal->exiting) task_exit(me->signal->exit_code);
        if (me->signal->exec_by && me->signal->exec_by != current) task_exit(0);
        signal = signal_take(me->blocked, &info);
        if (!signal) break;
        struct sigaction *action = &me->sighand->action[signal - 1];
        if (action->handler == SIG_IGN) continue;
        if (action->handler == SIG_DFL && default_action(&info)) continue;
        call_handler(regs, action, &info);
        return;
    }
    restart_call(regs, NULL);
    if (me->restore_blocked) {
        me->restore_blocked = false;
        signal_block(me->blocked_before);
    }
}

/* ---- without a handler ---- */

/* A group that nobody could continue again is not stopped (POSIX: "orphaned process group"). */
static bool group_is_orphaned(uint32_t pgrp) {
    for (const struct task *task = task_first(); task; task = task->next)
        if (task->pgrp == pgrp && task->state != TASK_ZOMBIE && task->parent &&
            task->parent->pgrp != pgrp && task->parent->session == task->session)
            return false;
    return true;
}

static void stop_process(unsigned signal) {
    struct signal_struct *process = current->proc->signal;
    uint32_t eflags = irq_save();

    process->stopped_by = (uint8_t)signal;
    process->report_stop = true;
    process->report_continue = false;
    for_each_thread(thread, current)
        if (thread->state == TASK_INTERRUPTIBLE) task_ready(thread);
    signal_tell_parent(process->leader, CLD_STOPPED, signal);
    irq_restore(eflags);
}

/* Comes back, with true, if the process goes on. */
static bool default_action(const struct siginfo *info) {
    unsigned signal = (unsigned)info->signo;
    bool by_fault = current->proc->fault.signal == signal;

    if (SIGNALS_IGNORED & sigmask(signal)) return true;
    if (current->tgid == 1 && !by_fault) return true;
    if (SIGNALS_STOP & sigmask(signal)) {
        if (signal == SIGSTOP || !group_is_orphaned(current->pgrp)) stop_process(signal);
        return true;
    }
    if (by_fault) user_fault_print();
    signal_kill(current->proc->signal, signal);
    task_exit(signal);
}

static void stay_stopped(void) {
    const struct signal_struct *process = current->proc->signal;
    uint32_t eflags = irq_save();

    while (process->stopped_by && !signal_ends_task()) {
        current->state = TASK_STOPPED;
        schedule();
    }
    irq_restore(eflags);
}

/* ---- with a handler ---- */

static void call_handler(struct pt_regs *regs, struct sigaction *action,
                         const struct siginfo *info) {
    struct task_private *me = current->proc;
    struct sigaction called = *action;
    sigset_t before = me->restore_blocked ? me->blocked_before : me->blocked;

    restart_call(regs, &called);
    me->restart = NULL;
    me->fault.signal = 0;
    if (called.flags & SA_RESETHAND) action->handler = SIG_DFL;
    if (!signal_frame_push(regs, &called, info, before)) {
        user_fault_print_no_frame((unsigned)info->signo);
        signal_kill(me->signal, SIGSEGV);
        task_exit(SIGSEGV);
    }
    me->restore_blocked = false;
    sigset_t blocked = me->blocked | called.mask;
    if (!(called.flags & SA_NODEFER)) blocked |= sigmask((unsigned)info->signo);
    signal_block(blocked);
}

/* A call that a signal has broken off: EAX and EIP so that it is made again, or EINTR. `action`: the
 * handler that comes first; a null pointer: none. */
static void restart_call(struct pt_regs *regs, const struct sigaction *action) {
    int32_t error = -(int32_t)regs->eax;

    if (regs->vector != SYSCALL_VECTOR || regs->error_code == SYSCALL_NONE) return;
    if (error != ERESTARTSYS && error != ERESTARTNOHAND && error != ERESTART_RESTARTBLOCK) return;
    if (action && !(error == ERESTARTSYS && action->flags & SA_RESTART)) {
        regs->eax = (uint32_t)-EINTR;
    } else {
        regs->eax = error == ERESTART_RESTARTBLOCK ? NR_RESTART_SYSCALL : regs->error_code;
        regs->eip -= INT_80_BYTES;
    }
    regs->error_code = SYSCALL_NONE;
}

/* ---- the parent ---- */

void signal_tell_parent(const struct task *child, int32_t code, uint32_t status) {
    struct task *parent = child->parent;
    const struct siginfo info = {
        .signo = SIGCHLD,
        .code = code,
        .child = child->tgid,
        .child_uid = child->uid,
        .status = status,
        .user_time = child->user_ticks,
        .system_time = child->kernel_ticks,
    };
    const struct sighand_struct *sighand = parent->proc->sighand;
    bool has_ended = code == CLD_EXITED || code == CLD_KILLED;

    wake_up(&parent->proc->child_event);
    if (!parent->proc->signal) return;
    if (!has_ended && sighand && sighand->action[SIGCHLD - 1].flags & SA_NOCLDSTOP) return;
    if (has_ended && child->proc->exit_signal != SIGCHLD) {
        if (child->proc->exit_signal) signal_send(parent, child->proc->exit_signal);
        return;
    }
    (void)signal_send_info(parent, &info, false);
}
