/*
 * signal.c: system calls about signals (signal(7)).
 */
#include <lib/errno.h>
#include <mm/uaccess.h>
#include <proc/clock.h>
#include <proc/exit.h>
#include <proc/schedule.h>
#include <proc/signal_mask.h>
#include <proc/task_private.h>
#include <syscall/rusage.h>
#include <syscall/table.h>

#define SIGSET_BYTES 8

static bool is_signal(uint32_t signal) {
    return signal >= 1 && signal <= SIGNALS;
}

/* ---- what is done at a signal ---- */

static int32_t change_action(uint32_t signal, const struct sigaction *new, struct sigaction *old) {
    if (!is_signal(signal) || (new && SIGNALS_UNBLOCKABLE & sigmask(signal))) return -EINVAL;
    struct task_private *me = current->proc;
    struct sigaction *action = &me->sighand->action[signal - 1];
    *old = *action;
    if (!new) return 0;
    *action = *new;
    action->mask &= ~SIGNALS_UNBLOCKABLE;
    if (!signal_is_ignored_by(current, signal)) return 0;
    signal_flush(&me->signal->pending, sigmask(signal)); /* POSIX: what is ignored is forgotten */
    for_each_thread(thread, current) signal_flush(&thread->proc->pending, sigmask(signal));
    return 0;
}

int32_t sys_rt_sigaction(struct pt_regs *regs) {
    struct sigaction new, old;

    if (regs->esi != SIGSET_BYTES) return -EINVAL;
    if (regs->ecx && copy_from_user(&new, regs->ecx, sizeof new)) return -EFAULT;
    int32_t error = change_action(regs->ebx, regs->ecx ? &new : NULL, &old);
    if (error) return error;
    return regs->edx ? copy_to_user(regs->edx, &old, sizeof old) : 0;
}

/* The structure of the old call. */
struct old_sigaction {
    uint32_t handler, mask, flags, restorer;
};

int32_t sys_sigaction(struct pt_regs *regs) {
    struct old_sigaction given;
    struct sigaction new, old;

    if (regs->ecx && copy_from_user(&given, regs->ecx, sizeof given)) return -EFAULT;
    if (regs->ecx) new = (struct sigaction){given.handler, given.flags, given.restorer, given.mask};
    int32_t error = change_action(regs->ebx, regs->ecx ? &new : NULL, &old);
    if (error || !regs->edx) return error;
    given = (struct old_sigaction){old.handler, (uint32_t)old.mask, old.flags, old.restorer};
    return copy_to_user(regs->edx, &given, sizeof given);
}

/* System V's: one shot, and not blocked meanwhile. */
int32_t sys_signal(struct pt_regs *regs) {
    const struct sigaction new = {regs->ecx, SA_RESETHAND | SA_NODEFER, 0, 0};
    struct sigaction old;
    int32_t error = change_action(regs->ebx, &new, &old);

    return error ? error : (int32_t)old.handler;
}

#define MINSIGSTKSZ 2048u

static bool on_altstack(const struct pt_regs *regs) {
    const struct task_private *me = current->proc;
    return regs->esp > me->altstack && regs->esp - me->altstack <= me->altstack_bytes;
}

int32_t sys_sigaltstack(struct pt_regs *regs) {
    struct task_private *me = current->proc;
    struct {
        uint32_t stack, flags, bytes;
    } new, old = {me->altstack, 0, me->altstack_bytes};

    old.flags = !me->altstack_bytes ? SS_DISABLE : on_altstack(regs) ? SS_ONSTACK : 0;
    if (regs->ebx) {
        if (copy_from_user(&new, regs->ebx, sizeof new)) return -EFAULT;
        if (on_altstack(regs)) return -EPERM;
        if (new.flags > SS_DISABLE) return -EINVAL; /* 0, SS_ONSTACK, SS_DISABLE: one of them */
        if (new.flags & SS_DISABLE) new.stack = new.bytes = 0;
        else if (new.bytes < MINSIGSTKSZ) return -ENOMEM;
        me->altstack = new.stack;
        me->altstack_bytes = new.bytes;
    }
    return regs->ecx ? copy_to_user(regs->ecx, &old, sizeof old) : 0;
}

/* ---- what is blocked ---- */

#define SIG_BLOCK 0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

static int32_t change_mask(uint32_t how, sigset_t set) {
    sigset_t blocked = current->proc->blocked;

    switch (how) {
    case SIG_BLOCK: signal_block(blocked | set); return 0;
    case SIG_UNBLOCK: signal_block(blocked & ~set); return 0;
    case SIG_SETMASK: signal_block(set); return 0;
    default: return -EINVAL;
    }
}

int32_t sys_rt_sigprocmask(struct pt_regs *regs) {
    sigset_t before = current->proc->blocked, set;

    if (regs->esi != SIGSET_BYTES) return -EINVAL;
    if (regs->ecx) {
        if (copy_from_user(&set, regs->ecx, sizeof set)) return -EFAULT;
        int32_t error = change_mask(regs->ebx, set);
        if (error) return error;
    }
    return regs->edx ? copy_to_user(regs->edx, &before, sizeof before) : 0;
}

/* The old call knows 32 signals; the others stay as they are. */
int32_t sys_sigprocmask(struct pt_regs *regs) {
    sigset_t before = current->proc->blocked;
    uint32_t set;

    if (regs->ecx) {
        if (get_user(&set, regs->ecx)) return -EFAULT;
        sigset_t whole = set;
        if (regs->ebx == SIG_SETMASK) whole |= before & ~0xFFFFFFFFull;
        int32_t error = change_mask(regs->ebx, whole);
        if (error) return error;
    }
    return regs->edx ? put_user(regs->edx, (uint32_t)before) : 0;
}

int32_t sys_sgetmask(struct pt_regs *regs) {
    (void)regs;
    return (int32_t)current->proc->blocked;
}

int32_t sys_ssetmask(struct pt_regs *regs) {
    uint32_t before = (uint32_t)current->proc->blocked;

    signal_block(regs->ebx);
    return (int32_t)before;
}

int32_t sys_rt_sigpending(struct pt_regs *regs) {
    sigset_t set = signals_pending_now() & current->proc->blocked;

    if (regs->ecx > SIGSET_BYTES) return -EINVAL;
    return copy_to_user(regs->ebx, &set, regs->ecx);
}

int32_t sys_sigpending(struct pt_regs *regs) {
    return put_user(regs->ebx, (uint32_t)(signals_pending_now() & current->proc->blocked));
}

/* ---- waiting for one ---- */

static int32_t wait_for_signal(void) {
    while (!signal_pending()) task_sleep(WAIT_FOREVER);
    return -ERESTARTNOHAND;
}

int32_t sys_pause(struct pt_regs *regs) {
    (void)regs;
    return wait_for_signal();
}

int32_t sys_rt_sigsuspend(struct pt_regs *regs) {
    int error = regs->ebx ? signal_mask_for_wait(regs->ebx, regs->ecx) : -EFAULT;

    if (error) return error;
    int32_t answer = wait_for_signal();
    signal_mask_after_wait(true);
    return answer;
}

/* The mask is the third argument, by value. */
int32_t sys_sigsuspend(struct pt_regs *regs) {
    struct task_private *me = current->proc;

    me->blocked_before = me->blocked;
    me->restore_blocked = true;
    signal_block(regs->edx);
    int32_t answer = wait_for_signal();
    signal_mask_after_wait(true);
    return answer;
}

/* Those that are waited for are let through meanwhile, so that they wake. */
static int32_t wait_for_one_of(sigset_t set, struct siginfo *info, uint64_t until) {
    struct task_private *me = current->proc;
    sigset_t before = me->blocked;
    int32_t error = 0;
    unsigned signal;

    while (!(signal = signal_take(~set, info)) && !error) {
        uint32_t ticks = clock_ticks_until(until);
        if (!ticks) return -EAGAIN;
        me->awaited = before & set;
        signal_block(before & ~set);
        error = task_sleep(ticks) ? -EINTR : 0;
        signal_block(before);
        me->awaited = 0;
    }
    if (!signal) signal = signal_take(~set, info);
    return signal ? (int32_t)signal : error;
}

static int32_t sigtimedwait(const struct pt_regs *regs, int (*read)(uint64_t *ns, uint32_t user)) {
    struct siginfo info;
    uint64_t until = ~0ull;
    sigset_t set;

    if (regs->esi != SIGSET_BYTES) return -EINVAL;
    if (copy_from_user(&set, regs->ebx, sizeof set)) return -EFAULT;
    if (regs->edx) {
        int error = read(&until, regs->edx);
        if (error) return error;
        until += clock_monotonic();
    }
    int32_t signal = wait_for_one_of(set & ~SIGNALS_UNBLOCKABLE, &info, until);
    if (signal > 0 && regs->ecx && siginfo_to_user(regs->ecx, &info)) return -EFAULT;
    return signal;
}

int32_t sys_rt_sigtimedwait(struct pt_regs *regs) {
    return sigtimedwait(regs, time_from_user32);
}

int32_t sys_rt_sigtimedwait_time64(struct pt_regs *regs) {
    return sigtimedwait(regs, time_from_user64);
}

/* ---- the way back from a handler ---- */

static int32_t pop_frame(struct pt_regs *regs, bool rt) {
    const struct siginfo info = {.signo = SIGSEGV, .code = SI_KERNEL};

    if (!signal_frame_pop(regs, rt)) signal_force(&info);
    return (int32_t)regs->eax;
}

int32_t sys_sigreturn(struct pt_regs *regs) {
    return pop_frame(regs, false);
}

int32_t sys_rt_sigreturn(struct pt_regs *regs) {
    return pop_frame(regs, true);
}

int32_t sys_restart_syscall(struct pt_regs *regs) {
    (void)regs;
    struct task_private *me = current->proc;
    int32_t (*restart)(const uint32_t *arguments) = me->restart;

    me->restart = NULL; /* once */
    return restart ? restart(me->restart_arguments) : -EINTR;
}

/* ---- sending ---- */

static struct siginfo from_user(uint32_t signal, int32_t code) {
    return (struct siginfo){.signo = (int32_t)signal, .code = code, .pid = current->tgid,
                            .uid = current->uid};
}

static int32_t send_one(struct task *task, const struct siginfo *info, bool thread) {
    int32_t error = signal_may_send(task, (unsigned)info->signo);

    return error ? error : signal_send_info(task, info, thread);
}

/* As `pgrp` of send_many(): no group has this number. */
#define ALL_PROCESSES UINT32_MAX

/* All processes of a group, or all but process 1 and oneself. Process 1 begins in group 0, as on Linux. */
static int32_t send_many(uint32_t pgrp, const struct siginfo *info) {
    int32_t answer = -ESRCH;

    for (struct task *task = task_first(); task; task = task->next) {
        if (task->pid != task->tgid || !task->proc->signal) continue;
        bool meant = pgrp == ALL_PROCESSES ? task->pid != 1 && task->tgid != current->tgid
                                           : task->pgrp == pgrp;
        if (!meant) continue;
        int32_t error = send_one(task, info, false);
        if (answer) answer = error;
    }
    return answer;
}

int32_t sys_kill(struct pt_regs *regs) {
    int32_t pid = (int32_t)regs->ebx;
    const struct siginfo info = from_user(regs->ecx, SI_USER);

    if (regs->ecx > SIGNALS) return -EINVAL;
    if (pid == 0) return send_many(current->pgrp, &info);
    if (pid == -1) return send_many(ALL_PROCESSES, &info);
    if (pid < 0) return pid == INT32_MIN ? -ESRCH : send_many((uint32_t)-pid, &info);
    struct task *task = task_find((uint32_t)pid);
    return task && task->proc->signal ? send_one(task, &info, false) : -ESRCH;
}

static int32_t send_to_thread(uint32_t tgid, uint32_t pid, uint32_t signal) {
    const struct siginfo info = from_user(signal, SI_TKILL);

    if (signal > SIGNALS || (int32_t)pid <= 0) return -EINVAL;
    struct task *task = task_find(pid);
    if (!task || !task->proc->signal || (tgid && task->tgid != tgid)) return -ESRCH;
    return send_one(task, &info, true);
}

int32_t sys_tkill(struct pt_regs *regs) {
    return send_to_thread(0, regs->ebx, regs->ecx);
}

int32_t sys_tgkill(struct pt_regs *regs) {
    if ((int32_t)regs->ebx <= 0) return -EINVAL;
    return send_to_thread(regs->ebx, regs->ecx, regs->edx);
}

/* A program may not pretend that the kernel has sent it. */
static int32_t queue_info(struct task *task, uint32_t signal, uint32_t user, bool thread) {
    struct siginfo info;

    if (copy_from_user(&info, user, sizeof info)) return -EFAULT;
    if (signal > SIGNALS) return -EINVAL;
    if (!task || !task->proc->signal) return -ESRCH;
    if ((info.code >= 0 || info.code == SI_TKILL) && task->tgid != current->tgid) return -EPERM;
    info.signo = (int32_t)signal;
    return send_one(task, &info, thread);
}

int32_t sys_rt_sigqueueinfo(struct pt_regs *regs) {
    return queue_info(task_find(regs->ebx), regs->ecx, regs->edx, false);
}

int32_t sys_rt_tgsigqueueinfo(struct pt_regs *regs) {
    struct task *task = task_find(regs->ecx);

    if (task && task->tgid != regs->ebx) task = NULL;
    return queue_info(task, regs->edx, regs->esi, true);
}
