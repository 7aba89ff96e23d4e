/*
 * fork.c: a copy of the task that runs. What the two share and what each has to itself the flags of
 * clone() say; fork() and vfork() are cases of it.
 */
#include <boot/step_program.h>
#include <dev/pit.h>
#include <fs/file.h>
#include <lib/errno.h>
#include <lib/irq.h>
#include <mm/uaccess.h>
#include <proc/fork.h>
#include <proc/fpu.h>
#include <proc/schedule.h>
#include <proc/task_private.h>
#include <proc/thread.h>
#include <proc/tls.h>

static struct task *copy(const struct pt_regs *regs, const struct clone_request *request,
                         int32_t *error);
static bool share_or_copy(struct task *child, uint32_t flags);
static void give_up(struct task *child);
static void enter_family(struct task *child, uint32_t flags);
static void wait_for_exec(struct task *child, uint32_t pid);

static bool flags_fit(uint32_t flags) {
    if (flags & CLONE_THREAD && !(flags & CLONE_SIGHAND)) return false;
    if (flags & CLONE_SIGHAND && !(flags & CLONE_VM)) return false;
    return (flags & CSIGNAL) <= SIGNALS;
}

/* Is there room for one more of this user? The superuser may always. */
static bool may_have_more(void) {
    uint32_t of_user = 0;

    if (current->uid == 0) return true;
    for (const struct task *task = task_first(); task; task = task->next)
        of_user += task->uid == current->uid;
    return of_user < current->rlimit[RLIMIT_NPROC].now;
}

int32_t task_clone(const struct pt_regs *regs, const struct clone_request *request) {
    int32_t error;

    if (!flags_fit(request->flags)) return -EINVAL;
    if (!may_have_more() || task_count() >= TASKS_MAX) return -EAGAIN;
    struct task *child = copy(regs, request, &error);
    if (!child) return error;
    enter_family(child, request->flags);
    if (!(request->flags & CLONE_VM)) step_frames_shared();
    uint32_t pid = child->pid;
    /* A bad address is the program's to find out, as in Linux: the child is there anyway. */
    if (request->flags & CLONE_PARENT_SETTID) (void)put_user(request->parent_tid, pid);
    uint32_t eflags = irq_save();
    task_ready(child);
    irq_restore(eflags);
    if (request->flags & CLONE_VFORK) wait_for_exec(child, pid);
    return (int32_t)pid;
}

/* What is copied in any case. */
static void inherit(struct task *child, const struct clone_request *request) {
    const struct task_private *me = current->proc;
    struct task_private *proc = child->proc;
    uint32_t flags = request->flags;

    child->uid = current->uid;
    child->euid = current->euid;
    child->suid = current->suid;
    child->gid = current->gid;
    child->egid = current->egid;
    child->sgid = current->sgid;
    child->pgrp = current->pgrp;
    child->session = current->session;
    child->tty = current->tty;
    child->start_jiffies = jiffies;
    for (unsigned i = 0; i < RLIMITS; i++) child->rlimit[i] = current->rlimit[i];
    for (unsigned i = 0; i < TLS_ENTRIES; i++) proc->tls[i] = me->tls[i];
    proc->blocked = me->blocked;
    proc->personality = me->personality;
    proc->exit_signal = flags & CLONE_THREAD ? 0 : flags & CSIGNAL;
    if (!(flags & CLONE_VM) || flags & CLONE_VFORK) {
        proc->altstack = me->altstack;
        proc->altstack_bytes = me->altstack_bytes;
    }
    if (flags & CLONE_CHILD_SETTID) proc->set_child_tid = request->child_tid;
    if (flags & CLONE_CHILD_CLEARTID) proc->clear_child_tid = request->child_tid;
}

/* Where it goes on in ring 3: where the parent does, with another answer. */
static void set_registers(struct task *child, const struct pt_regs *regs, uint32_t stack) {
    struct pt_regs *child_regs = task_regs(child);

    *child_regs = *regs;
    child_regs->eax = 0;
    if (stack) child_regs->esp = stack;
    thread_prepare(child);
}

static struct task *copy(const struct pt_regs *regs, const struct clone_request *request,
                         int32_t *error) {
    struct task *child = task_alloc(current->name);

    *error = -ENOMEM;
    if (!child) return NULL;
    inherit(child, request);
    set_registers(child, regs, request->stack);
    int32_t tls_error = request->flags & CLONE_SETTLS ? tls_set(child, request->tls, false) : 0;
    if (!tls_error && share_or_copy(child, request->flags)) return child;
    if (tls_error) *error = tls_error;
    give_up(child);
    return NULL;
}

static bool share_or_copy(struct task *child, uint32_t flags) {
    const struct task_private *me = current->proc;
    struct task_private *proc = child->proc;

    if (!fpu_fork(child)) return false;
    if (flags & CLONE_SIGHAND) {
        proc->sighand = me->sighand;
        proc->sighand->users++;
    } else if (!(proc->sighand = sighand_copy(me->sighand))) {
        return false;
    }
    if (flags & CLONE_THREAD) {
        proc->signal = me->signal;
        proc->signal->users++;
        proc->signal->threads++;
    } else if ((proc->signal = signal_struct_alloc(child))) {
        proc->signal->oom_score_adj = me->signal->oom_score_adj;
    } else {
        return false;
    }
    if (flags & CLONE_FILES) files_get((child->files = current->files));
    else if (!(child->files = files_copy(current->files))) return false;
    if (flags & CLONE_FS) fs_get((child->fs = current->fs));
    else if (!(child->fs = fs_copy(current->fs))) return false;
    if (flags & CLONE_VM) mm_get((child->mm = current->mm));
    else if (!(child->mm = mm_fork(current->mm))) return false;
    return true;
}

/* It has never run. */
static void give_up(struct task *child) {
    struct task_private *proc = child->proc;

    if (child->fs) fs_put(child->fs);
    if (child->files) files_put(child->files);
    if (proc->signal) {
        proc->signal->threads--;
        signal_struct_put(proc->signal);
    }
    if (proc->sighand) sighand_put(proc->sighand);
    fpu_free(child);
    task_free(child);
}

static void enter_family(struct task *child, uint32_t flags) {
    uint32_t eflags = irq_save();

    task_list_add(child, 0);
    if (flags & CLONE_THREAD) {
        child->tgid = current->tgid;
        child->parent = task_leader(current)->parent;
    } else {
        struct task *parent = task_leader(current);
        if (flags & CLONE_PARENT && parent->parent->pid) parent = parent->parent;
        child->tgid = child->pid;
        child->parent = parent;
        child->sibling = parent->first_child;
        parent->first_child = child;
    }
    if (flags & CLONE_VFORK) child->proc->vfork_parent = current;
    irq_restore(eflags);
}

/* The child may have ended by then, so it is looked up. Who is killed does not wait for it: the child
 * may never go on, or may itself wait in execve() for this thread to end. */
static void wait_for_exec(struct task *child, uint32_t pid) {
    while (task_find(pid) == child && child->proc->vfork_parent == current) {
        if (signal_ends_task()) child->proc->vfork_parent = NULL;
        else task_sleep_killable();
    }
}
