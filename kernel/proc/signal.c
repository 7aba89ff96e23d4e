/*
 * signal.c: signals on their way: sent, kept, taken. All of it with interrupts off: the terminal and
 * the clock send some from their handlers.
 */
#include <lib/errno.h>
#include <lib/irq.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <proc/clock.h>
#include <proc/schedule.h>
#include <proc/task_private.h>

static struct kmem_cache *queued_signals, *signal_structs, *sighands;

static int send(struct task *task, const struct siginfo *info, bool thread);
static bool prepare(struct task *task, unsigned signal);
static void wake_one(struct task *task, unsigned signal, bool thread);

bool signal_init(void) {
    queued_signals = kmem_cache_create("signal", sizeof(struct queued_signal), 0, NULL);
    signal_structs = kmem_cache_create("signal_struct", sizeof(struct signal_struct), 0, NULL);
    sighands = kmem_cache_create("sighand", sizeof(struct sighand_struct), 0, NULL);
    return queued_signals && signal_structs && sighands;
}

/* ---- looking ---- */

sigset_t signals_pending_now(void) {
    const struct task_private *me = current->proc;
    return me->signal ? me->pending.set | me->signal->pending.set : 0;
}

bool signal_ends_task(void) {
    const struct signal_struct *process = current->proc->signal;

    return process && (process->exiting || (process->exec_by && process->exec_by != current));
}

bool signal_pending(void) {
    const struct task_private *me = current->proc;

    if (!me->signal) return false;
    return (signals_pending_now() & ~me->blocked) || me->signal->stopped_by || signal_ends_task();
}

bool signal_is_ignored_by(const struct task *task, unsigned signal) {
    const struct sighand_struct *sighand = task->proc->sighand;
    uint32_t handler = sighand ? sighand->action[signal - 1].handler : SIG_IGN;

    if (handler == SIG_IGN) return true;
    return handler == SIG_DFL && (SIGNALS_IGNORED & sigmask(signal) || task->tgid == 1);
}

bool signal_is_ignored(unsigned signal) {
    return current->proc->blocked & sigmask(signal) || signal_is_ignored_by(current, signal);
}

int signal_may_send(const struct task *task, unsigned signal) {
    if (current->euid == 0 || current->euid == task->suid || current->euid == task->uid) return 0;
    if (current->uid == task->suid || current->uid == task->uid) return 0;
    return signal == SIGCONT && task->session == current->session ? 0 : -EPERM;
}

/* ---- sending ---- */

int signal_send(struct task *task, unsigned signal) {
    const struct siginfo info = {.signo = (int32_t)signal, .code = SI_KERNEL};

    if (!task->proc->signal) return -ESRCH;
    return signal_send_info(task, &info, false);
}

int signal_send_group(uint32_t pgrp, unsigned signal) {
    int error = -ESRCH;

    for (struct task *task = task_first(); task; task = task->next)
        if (task->pgrp == pgrp && task->pid == task->tgid && !signal_send(task, signal)) error = 0;
    return error;
}

int signal_send_info(struct task *task, const struct siginfo *info, bool thread) {
    uint32_t eflags = irq_save();
    int error = task->proc->signal && info->signo ? send(task, info, thread) : 0;

    irq_restore(eflags);
    return error;
}

/* A process cannot have more stories kept than RLIMIT_SIGPENDING. Those of faults and the like always
 * are, as of each signal below SIGRTMIN there is one. */
static struct queued_signal *new_story(struct signal_struct *process, const struct siginfo *info) {
    bool always = info->signo < SIGRTMIN && info->code >= 0;
    struct queued_signal *queued = NULL;

    if (always || process->queued < process->leader->rlimit[RLIMIT_SIGPENDING].now)
        queued = kmem_cache_alloc(queued_signals, GFP_ATOMIC);
    if (queued) process->queued++;
    return queued;
}

static void free_story(struct queued_signal *queued) {
    queued->process->queued--;
    kmem_cache_free(queued_signals, queued);
}

/* If there is no room for the story, the signal comes without it, as in Linux; one of sigqueue(), which
 * is nothing without it, does not. */
static int keep(struct signal_struct *process, struct pending_signals *pending,
                const struct siginfo *info) {
    struct queued_signal **end = &pending->first, *queued;

    if (info->signo < SIGRTMIN && pending->set & sigmask((unsigned)info->signo)) return 0;
    queued = new_story(process, info);
    if (!queued && info->signo >= SIGRTMIN && info->code < 0) return -EAGAIN;
    pending->set |= sigmask((unsigned)info->signo);
    if (!queued) return 0;
    *queued = (struct queued_signal){NULL, process, *info};
    while (*end) end = &(*end)->next;
    *end = queued;
    return 0;
}

static int send(struct task *task, const struct siginfo *info, bool thread) {
    unsigned signal = (unsigned)info->signo;
    struct signal_struct *process = task->proc->signal;

    if (process->exiting || !prepare(task, signal)) return 0;
    if (signal == SIGKILL) {
        signal_kill(process, SIGKILL);
        return 0;
    }
    if (thread && task->state == TASK_ZOMBIE) return 0; /* nobody would take it */
    int error = keep(process, thread ? &task->proc->pending : &process->pending, info);
    if (!error) wake_one(task, signal, thread);
    return error;
}

/* What sending does at once, whatever is blocked. False: the signal is ignored, and forgotten. */
static bool prepare(struct task *task, unsigned signal) {
    struct signal_struct *process = task->proc->signal;

    if (SIGNALS_STOP & sigmask(signal)) {
        signal_flush(&process->pending, sigmask(SIGCONT));
        for_each_thread(thread, task) signal_flush(&thread->proc->pending, sigmask(SIGCONT));
    }
    if (signal == SIGCONT || signal == SIGKILL) {
        signal_flush(&process->pending, SIGNALS_STOP);
        for_each_thread(thread, task) {
            signal_flush(&thread->proc->pending, SIGNALS_STOP);
            if (thread->state == TASK_STOPPED) task_ready(thread);
        }
        if (process->stopped_by && signal == SIGCONT) {
            process->report_stop = false;
            process->report_continue = true;
            signal_tell_parent(process->leader, CLD_CONTINUED, SIGCONT);
        }
        process->stopped_by = 0;
    }
    sigset_t kept = task->proc->blocked | task->proc->awaited;
    return kept & sigmask(signal) || !signal_is_ignored_by(task, signal);
}

static void wake(struct task *task) {
    if (task->state == TASK_INTERRUPTIBLE) task_ready(task);
}

/* A thread that does not block it: the one that is meant, if that one does not. */
static void wake_one(struct task *task, unsigned signal, bool thread_only) {
    bool takes_it = task->state != TASK_ZOMBIE && !(task->proc->blocked & sigmask(signal));

    if (thread_only || takes_it) {
        wake(task);
        return;
    }
    for_each_thread(thread, task)
        if (!(thread->proc->blocked & sigmask(signal)) && thread->state != TASK_ZOMBIE) {
            wake(thread);
            return;
        }
}

void signal_kill(struct signal_struct *signal, uint32_t exit_code) {
    uint32_t eflags = irq_save();

    if (!signal->exiting) {
        signal->exiting = true;
        signal->exit_code = exit_code;
        signal->stopped_by = 0;
        for_each_thread(thread, signal->leader) {
            if (thread->state == TASK_STOPPED) task_ready(thread);
            wake(thread);
        }
    }
    irq_restore(eflags);
}

void signal_force(const struct siginfo *info) {
    struct task_private *me = current->proc;
    struct sigaction *action = &me->sighand->action[info->signo - 1];
    uint32_t eflags = irq_save();

    if (action->handler == SIG_IGN || me->blocked & sigmask((unsigned)info->signo))
        action->handler = SIG_DFL;
    me->blocked &= ~sigmask((unsigned)info->signo);
    signal_flush(&me->pending, sigmask((unsigned)info->signo));
    (void)keep(me->signal, &me->pending, info);
    irq_restore(eflags);
}

/* ---- taking ---- */

void signal_flush(struct pending_signals *pending, sigset_t set) {
    struct queued_signal **link = &pending->first;

    pending->set &= ~set;
    while (*link) {
        struct queued_signal *queued = *link;
        if (set & sigmask((unsigned)queued->info.signo)) {
            *link = queued->next;
            free_story(queued);
        } else {
            link = &queued->next;
        }
    }
}

/* Faults first: their story is about the instruction that ring 3 is at. */
#define SIGNALS_OF_FAULTS                                                                   \
    (sigmask(SIGSEGV) | sigmask(SIGBUS) | sigmask(SIGILL) | sigmask(SIGTRAP) | sigmask(SIGFPE))

static unsigned first_signal(sigset_t set) {
    uint32_t low = (uint32_t)set;
    return (unsigned)(low ? __builtin_ctz(low) : 32 + __builtin_ctz((uint32_t)(set >> 32))) + 1;
}

static unsigned take_from(struct pending_signals *pending, sigset_t wanted, struct siginfo *info) {
    sigset_t set = pending->set & wanted;
    struct queued_signal **link = &pending->first;

    if (!set) return 0;
    if (set & SIGNALS_OF_FAULTS) set &= SIGNALS_OF_FAULTS;
    unsigned signal = first_signal(set);
    *info = (struct siginfo){.signo = (int32_t)signal, .code = SI_USER};
    while (*link && (*link)->info.signo != (int32_t)signal) link = &(*link)->next;
    struct queued_signal *queued = *link;
    if (queued) {
        *info = queued->info;
        *link = queued->next;
        free_story(queued);
    }
    for (queued = *link; queued; queued = queued->next)
        if (queued->info.signo == (int32_t)signal) return signal;
    pending->set &= ~sigmask(signal);
    return signal;
}

unsigned signal_take(sigset_t blocked, struct siginfo *info) {
    uint32_t eflags = irq_save();
    unsigned signal = take_from(&current->proc->pending, ~blocked, info);

    if (!signal) signal = take_from(&current->proc->signal->pending, ~blocked, info);
    irq_restore(eflags);
    return signal;
}

/* What this thread now blocks may be another's to take. */
void signal_block(sigset_t blocked) {
    uint32_t eflags = irq_save();
    struct task_private *me = current->proc;

    me->blocked = blocked & ~SIGNALS_UNBLOCKABLE;
    sigset_t left = me->signal->pending.set & me->blocked;
    if (left && me->signal->threads > 1)
        for_each_thread(thread, current)
            if (left & ~thread->proc->blocked) wake(thread);
    irq_restore(eflags);
}

/* ---- life ---- */

static void alarm_rings(struct timer *timer);

struct signal_struct *signal_struct_alloc(struct task *leader) {
    struct signal_struct *signal = kmem_cache_alloc(signal_structs, GFP_KERNEL | __GFP_ZERO);

    if (!signal) return NULL;
    signal->users = signal->threads = 1;
    signal->leader = leader;
    signal->alarm.timer.expired = alarm_rings;
    return signal;
}

void signal_struct_put(struct signal_struct *signal) {
    if (--signal->users > 0) return;
    timer_stop(&signal->alarm.timer);
    uint32_t eflags = irq_save();
    signal_flush(&signal->pending, ~0ull);
    irq_restore(eflags);
    kmem_cache_free(signal_structs, signal);
}

struct sighand_struct *sighand_copy(const struct sighand_struct *sighand) {
    struct sighand_struct *copy = kmem_cache_alloc(sighands, GFP_KERNEL | __GFP_ZERO);

    if (!copy) return NULL;
    if (sighand) memcpy(copy, sighand, sizeof *copy);
    copy->users = 1;
    return copy;
}

void sighand_put(struct sighand_struct *sighand) {
    if (--sighand->users == 0) kmem_cache_free(sighands, sighand);
}

void alarm_set(struct signal_struct *signal, uint64_t at, uint64_t interval) {
    uint32_t eflags = irq_save();

    signal->alarm.at = at;
    signal->alarm.interval = interval;
    if (at) timer_start(&signal->alarm.timer, clock_ticks_until(at));
    else timer_stop(&signal->alarm.timer);
    irq_restore(eflags);
}

/* The next one after `now`: multiples of the interval from the first on, not from when this one came, so
 * that being late does not add up. */
static uint64_t next_ring(const struct interval_timer *alarm, uint64_t now) {
    if (!alarm->interval) return 0;
    return alarm->at + ((now - alarm->at) / alarm->interval + 1) * alarm->interval;
}

static void alarm_rings(struct timer *timer) {
    struct interval_timer *alarm = (struct interval_timer *)timer;
    struct signal_struct *signal =
        (struct signal_struct *)((char *)alarm - __builtin_offsetof(struct signal_struct, alarm));
    uint64_t now = clock_monotonic();

    if (clock_ticks_until(alarm->at)) { /* ticks and clock count apart: not yet */
        alarm_set(signal, alarm->at, alarm->interval);
        return;
    }
    alarm_set(signal, next_ring(alarm, now), alarm->interval);
    signal_send(signal->leader, SIGALRM);
}

/* ITIMER_VIRTUAL counts time in ring 3 only. */
void signal_tick(struct task *task, bool in_ring3) {
    struct signal_struct *signal = task->proc->signal;

    if (in_ring3 && signal->virtual_ticks && --signal->virtual_ticks == 0) {
        signal->virtual_ticks = signal->virtual_interval;
        signal_send(task, SIGVTALRM);
    }
    if (signal->profile_ticks && --signal->profile_ticks == 0) {
        signal->profile_ticks = signal->profile_interval;
        signal_send(task, SIGPROF);
    }
}
