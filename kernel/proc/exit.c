/*
 * exit.c: the end of a task. What it had is given back at once, but for its number and its story,
 * which wait until the parent asks (a zombie).
 */
#include <cpu/control.h>
#include <dev/tty.h>
#include <fs/file.h>
#include <lib/errno.h>
#include <mm/uaccess.h>
#include <proc/exit.h>
#include <proc/fpu.h>
#include <proc/futex.h>
#include <proc/schedule.h>
#include <proc/task_private.h>

static void leave_process(void) __attribute__((noreturn));
static void give_children_away(void);
static void leave_groups_orphaned(void);
static void end_session(const struct task *leader);
static bool nobody_will_ask(const struct task *task);
static bool process_has_ended(struct task *leader);

void task_exit(uint32_t code) {
    struct task *me = current;
    struct signal_struct *process = me->proc->signal;

    me->exit_code = process->exiting ? process->exit_code : code;
    task_leave_space();
    fpu_drop();
    if (me->files) files_put(me->files);
    if (me->fs) fs_put(me->fs);
    me->files = NULL;
    me->fs = NULL;
    leave_process();
}

void task_leave_space(void) {
    struct task_private *me = current->proc;
    struct mm_struct *mm = current->mm;

    if (!mm) return;
    futex_leave(mm->users > 1);
    if (mm->users == 1) { /* they are counted for the space: its last user takes them */
        me->minor_faults += mm->minor_faults;
        me->major_faults += mm->major_faults;
    }
    current->mm = NULL;
    mm_put(mm);
    if (me->vfork_parent) {
        struct task *parent = me->vfork_parent;
        me->vfork_parent = NULL;
        task_wake(parent);
    }
}

/* The last thread ends the process; the first one's task stays for it. */
static void leave_process(void) {
    struct task *me = current, *leader = task_leader(me);
    struct signal_struct *process = me->proc->signal;
    bool last = process->threads == 1;

    cli();
    signal_flush(&me->proc->pending, ~0ull);
    process->threads--;
    if (process->exec_by) task_wake(process->exec_by);
    if (last) {
        process->exiting = true;
        leader->exit_code = me->exit_code;
        alarm_set(process, 0, 0);
        leave_groups_orphaned();
        give_children_away();
        if (leader->session == leader->pid) end_session(leader);
    }
    if (me != leader) {
        leader->user_ticks += me->user_ticks;
        leader->kernel_ticks += me->kernel_ticks;
        leader->proc->minor_faults += me->proc->minor_faults;
        leader->proc->major_faults += me->proc->major_faults;
        leader->voluntary_switches += me->voluntary_switches;
        leader->involuntary_switches += me->involuntary_switches;
        task_list_remove(me);
        sighand_put(me->proc->sighand);
        signal_struct_put(process);
    }
    me->state = TASK_ZOMBIE;
    bool unwanted = last && process_has_ended(leader);
    if (unwanted && me != leader) task_free(leader);
    schedule_end(me != leader || unwanted);
}

/* Its terminal is nobody's then. */
static void end_session(const struct task *leader) {
    if (!leader->tty) return;
    tty_session_end(leader->tty);
    for (struct task *task = task_first(); task; task = task->next)
        if (task->session == leader->session) task->tty = NULL;
}

/* ---- the family ---- */

static void link_child(struct task *parent, struct task *child) {
    for_each_thread(thread, child) thread->parent = parent;
    child->sibling = parent->first_child;
    parent->first_child = child;
}

static void unlink_child(struct task *child) {
    struct task **link = &child->parent->first_child;

    while (*link != child) link = &(*link)->sibling;
    *link = child->sibling;
}

/* POSIX, exit(): a stopped group that nobody of its session could continue any more, once this process is
 * gone, gets SIGHUP and goes on. The groups of its children may be such, and its own. */
static void hang_up_if_orphaned(uint32_t pgrp) {
    bool stopped = false;

    for (const struct task *task = task_first(); task; task = task->next) {
        if (task->pgrp != pgrp || task->pid != task->tgid || task == task_leader(current)) continue;
        if (task->proc->signal->threads == 0) continue;
        const struct task *parent = task->parent;
        bool kept = parent != task_leader(current) && parent->pid != 1 && parent->pgrp != pgrp &&
                    parent->session == task->session;
        if (kept) return;
        if (task->proc->signal->stopped_by) stopped = true;
    }
    if (!stopped) return;
    signal_send_group(pgrp, SIGHUP);
    signal_send_group(pgrp, SIGCONT);
}

static void leave_groups_orphaned(void) {
    const struct task *leader = task_leader(current);

    for (const struct task *child = leader->first_child; child; child = child->sibling)
        if (child->pgrp != leader->pgrp && child->session == leader->session)
            hang_up_if_orphaned(child->pgrp);
    if (leader->parent->pgrp != leader->pgrp && leader->parent->session == leader->session)
        hang_up_if_orphaned(leader->pgrp);
}

/* Process 1 gets them, and hears of those that have ended already. */
static void give_children_away(void) {
    struct task *leader = task_leader(current), *init = task_find(1), *child;

    if (!init || init == leader) init = task_find(0);
    while ((child = leader->first_child)) {
        if (child->proc->death_signal) (void)signal_send(child, child->proc->death_signal);
        unlink_child(child);
        link_child(init, child);
        child->proc->exit_signal = SIGCHLD;
        if (child->proc->signal->threads == 0 && process_has_ended(child)) task_free(child);
    }
}

/* A parent that ignores SIGCHLD does not want to know (POSIX: wait()). */
static bool nobody_will_ask(const struct task *task) {
    const struct sighand_struct *sighand = task->parent->proc->sighand;

    if (!sighand || task->proc->exit_signal != SIGCHLD) return false; /* the kernel's own task waits */
    const struct sigaction *action = &sighand->action[SIGCHLD - 1];
    return action->handler == SIG_IGN || action->flags & SA_NOCLDWAIT;
}

/* Its parent has been told, or does not want to know. It does not run any more. */
static void forget(struct task *task) {
    unlink_child(task);
    task_list_remove(task);
    sighand_put(task->proc->sighand);
    signal_struct_put(task->proc->signal);
}

/* Tells the parent. True: it does not want to know, and the task is in no list any more. */
static bool process_has_ended(struct task *leader) {
    uint32_t signal = leader->exit_code & SIGNAL_OF_CODE;
    bool unwanted = nobody_will_ask(leader);

    signal_tell_parent(leader, signal ? CLD_KILLED : CLD_EXITED,
                       signal ? signal : leader->exit_code >> 8);
    if (unwanted) forget(leader);
    return unwanted;
}

/* ---- execve() of one of several threads ---- */

/* The number of the process, its place in the family: what others know it by. */
static void become_leader(struct task *leader) {
    struct task *me = current, **link = &leader->parent->first_child;

    while (*link != leader) link = &(*link)->sibling;
    *link = me;
    me->sibling = leader->sibling;
    me->parent = leader->parent;
    me->first_child = leader->first_child;
    for (struct task *child = me->first_child; child; child = child->sibling) child->parent = me;
    task_list_remove(me);
    task_list_remove(leader);
    task_list_add(me, leader->pid);
    me->proc->exit_signal = SIGCHLD;
    me->proc->signal->leader = me;
    me->user_ticks += leader->user_ticks;
    me->kernel_ticks += leader->kernel_ticks;
    me->start_jiffies = leader->start_jiffies;
    sighand_put(leader->proc->sighand);
    signal_struct_put(leader->proc->signal);
    task_free(leader);
}

int32_t threads_end_others(void) {
    struct signal_struct *process = current->proc->signal;

    if (signal_ends_task()) return -EAGAIN; /* else each would wait for the other */
    if (process->threads == 1 && process->leader == current) return 0;
    process->exec_by = current;
    for_each_thread(thread, current) {
        uint32_t eflags = irq_save();
        if (thread->state == TASK_INTERRUPTIBLE || thread->state == TASK_STOPPED) task_ready(thread);
        irq_restore(eflags);
    }
    while (process->threads > 1) task_sleep_uninterruptible(WAIT_FOREVER);
    process->exec_by = NULL;
    uint32_t eflags = irq_save();
    if (process->leader != current) become_leader(process->leader);
    irq_restore(eflags);
    return 0;
}

/* ---- wait4() ---- */

static bool is_asked_for(const struct task *child, const struct wait_request *request) {
    bool is_clone = child->proc->exit_signal != SIGCHLD;

    if (!(request->options & WALL) && is_clone != !!(request->options & WCLONE)) return false;
    if (request->pid > 0) return child->pid == (uint32_t)request->pid;
    if (request->pid == 0) return child->pgrp == current->pgrp;
    return request->pid == -1 || child->pgrp == (uint32_t)-request->pid;
}

static bool answer_for(struct task *child, int32_t code, uint32_t status,
                       struct wait_answer *answer) {
    *answer = (struct wait_answer){
        .pid = child->pid, .uid = child->uid, .code = code, .status = status,
        .user_ticks = child->user_ticks + child->children_user_ticks,
        .kernel_ticks = child->kernel_ticks + child->children_kernel_ticks,
        .minor_faults = child->proc->minor_faults + child->proc->children_minor_faults,
        .major_faults = child->proc->major_faults + child->proc->children_major_faults,
        .voluntary_switches = child->voluntary_switches,
        .involuntary_switches = child->involuntary_switches,
    };
    return true;
}

static void reap(struct task *child, const struct wait_answer *answer) {
    struct task *leader = task_leader(current);

    leader->children_user_ticks += answer->user_ticks;
    leader->children_kernel_ticks += answer->kernel_ticks;
    leader->proc->children_minor_faults += answer->minor_faults;
    leader->proc->children_major_faults += answer->major_faults;
    uint32_t eflags = irq_save();
    forget(child);
    irq_restore(eflags);
    task_free(child);
}

/* Has the child something to tell that is asked for? */
static bool ask(struct task *child, uint32_t options, struct wait_answer *answer) {
    struct signal_struct *process = child->proc->signal;
    bool keep = options & WNOWAIT;

    if (options & WEXITED && process->threads == 0) {
        uint32_t signal = child->exit_code & SIGNAL_OF_CODE;
        answer_for(child, signal ? CLD_KILLED : CLD_EXITED, child->exit_code, answer);
        if (!keep) reap(child, answer);
        return true;
    }
    if (options & WUNTRACED && process->report_stop) {
        if (!keep) process->report_stop = false;
        return answer_for(child, CLD_STOPPED, (uint32_t)process->stopped_by << 8 | 0x7F, answer);
    }
    if (options & WCONTINUED && process->report_continue) {
        if (!keep) process->report_continue = false;
        return answer_for(child, CLD_CONTINUED, 0xFFFF, answer);
    }
    return false;
}

/* 0: there are some, but none has anything to tell. */
static int32_t ask_all(const struct wait_request *request, struct wait_answer *answer) {
    bool any = false;
    struct task *next;

    for (struct task *child = task_leader(current)->first_child; child; child = next) {
        next = child->sibling;
        if (!is_asked_for(child, request)) continue;
        any = true;
        if (ask(child, request->options, answer)) return (int32_t)answer->pid;
    }
    return any ? 0 : -ECHILD;
}

int32_t task_wait_child(const struct wait_request *request, struct wait_answer *answer) {
    struct wait_entry entry;
    int32_t found;

    wait_add(&task_leader(current)->proc->child_event, &entry);
    for (;;) {
        found = ask_all(request, answer);
        if (found || request->options & WNOHANG) break;
        found = task_sleep(WAIT_FOREVER);
        if (found) break;
    }
    wait_remove(&entry);
    return found;
}
