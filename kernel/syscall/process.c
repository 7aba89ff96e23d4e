/*
 * process.c: system calls that make, change, end and wait for processes; process groups and sessions.
 */
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <mm/uaccess.h>
#include <proc/clock.h>
#include <proc/exec.h>
#include <proc/exit.h>
#include <proc/fork.h>
#include <proc/futex.h>
#include <proc/schedule.h>
#include <proc/task_private.h>
#include <proc/tls.h>
#include <syscall/rusage.h>
#include <syscall/table.h>

#define PATH_MAX 4096

/* ---- new ones ---- */

int32_t sys_fork(struct pt_regs *regs) {
    const struct clone_request request = {.flags = SIGCHLD};
    return task_clone(regs, &request);
}

int32_t sys_vfork(struct pt_regs *regs) {
    const struct clone_request request = {.flags = CLONE_VM | CLONE_VFORK | SIGCHLD};
    return task_clone(regs, &request);
}

/* On i386: flags, stack, parent_tid, tls, child_tid. */
int32_t sys_clone(struct pt_regs *regs) {
    const struct clone_request request = {
        .flags = regs->ebx,
        .stack = regs->ecx,
        .parent_tid = regs->edx,
        .tls = regs->esi,
        .child_tid = regs->edi,
    };
    return task_clone(regs, &request);
}

int32_t sys_execve(struct pt_regs *regs) {
    struct strings argv = {0}, envp = {0};
    char *path = kmalloc(PATH_MAX, GFP_KERNEL);
    int32_t error;

    if (!path) return -ENOMEM;
    error = strncpy_from_user(path, regs->ebx, PATH_MAX);
    if (error == 0) error = -ENOENT;
    if (error > 0) error = strings_add_user_array(&argv, regs->ecx);
    if (!error) error = strings_add_user_array(&envp, regs->edx);
    if (!error) {
        error = task_exec(path, &argv, &envp, regs);
    } else {
        strings_free(&argv);
        strings_free(&envp);
    }
    kfree(path);
    return error;
}

int32_t sys_set_tid_address(struct pt_regs *regs) {
    current->proc->clear_child_tid = regs->ebx;
    return (int32_t)current->pid;
}

int32_t sys_set_thread_area(struct pt_regs *regs) {
    return tls_set(current, regs->ebx, true);
}

int32_t sys_get_thread_area(struct pt_regs *regs) {
    return tls_get(current, regs->ebx);
}

#define ROBUST_HEAD_BYTES 12

int32_t sys_set_robust_list(struct pt_regs *regs) {
    if (regs->ecx != ROBUST_HEAD_BYTES) return -EINVAL;
    current->proc->robust_list = regs->ebx;
    return 0;
}

/* May the current task look into that one? Where its memory is is nobody else's business (ptrace(2),
 * "Ptrace access mode checking"). */
static bool is_own(const struct task *task) {
    bool same_user = current->uid == task->uid && current->uid == task->euid && current->uid == task->suid;
    bool same_group = current->gid == task->gid && current->gid == task->egid && current->gid == task->sgid;

    return task->tgid == current->tgid || current->euid == 0 || (same_user && same_group);
}

int32_t sys_get_robust_list(struct pt_regs *regs) {
    const struct task *task = regs->ebx ? task_find(regs->ebx) : current;

    if (!task) return -ESRCH;
    if (!is_own(task)) return -EPERM;
    if (put_user(regs->edx, ROBUST_HEAD_BYTES)) return -EFAULT;
    return put_user(regs->ecx, task->proc->robust_list);
}

/* ---- the end ---- */

int32_t sys_exit(struct pt_regs *regs) {
    task_exit((regs->ebx & 0xFF) << 8);
}

int32_t sys_exit_group(struct pt_regs *regs) {
    signal_kill(current->proc->signal, (regs->ebx & 0xFF) << 8);
    task_exit((regs->ebx & 0xFF) << 8);
}

static int32_t wait_for(int32_t pid, uint32_t status, uint32_t options, uint32_t rusage) {
    const struct wait_request request = {pid, options | WEXITED};
    struct wait_answer answer;

    if (options & ~(WNOHANG | WUNTRACED | WCONTINUED | WNOTHREAD | WALL | WCLONE)) return -EINVAL;
    if (pid == INT32_MIN) return -ESRCH;
    int32_t found = task_wait_child(&request, &answer);
    if (found <= 0) return found;
    if (status && put_user(status, answer.status)) return -EFAULT;
    if (rusage && rusage_of_child(rusage, &answer)) return -EFAULT;
    return found;
}

int32_t sys_waitpid(struct pt_regs *regs) {
    return wait_for((int32_t)regs->ebx, regs->ecx, regs->edx, 0);
}

int32_t sys_wait4(struct pt_regs *regs) {
    return wait_for((int32_t)regs->ebx, regs->ecx, regs->edx, regs->esi);
}

#define P_ALL 0
#define P_PID 1
#define P_PGID 2

/* What wait4() says of the status, taken apart. */
static int32_t status_of(const struct wait_answer *answer) {
    switch (answer->code) {
    case CLD_EXITED:
    case CLD_STOPPED: return (int32_t)(answer->status >> 8);
    case CLD_CONTINUED: return SIGCONT;
    default: return (int32_t)(answer->status & 0x7F);
    }
}

int32_t sys_waitid(struct pt_regs *regs) {
    uint32_t options = regs->esi, id = regs->ecx;
    struct wait_request request = {-1, options};
    struct wait_answer answer = {0};
    struct siginfo info = {0};

    if (options & ~(WNOHANG | WNOWAIT | WEXITED | WUNTRACED | WCONTINUED | WNOTHREAD | WALL | WCLONE))
        return -EINVAL;
    if (!(options & (WEXITED | WUNTRACED | WCONTINUED))) return -EINVAL;
    switch (regs->ebx) {
    case P_ALL: break;
    case P_PID:
        if ((int32_t)id <= 0) return -EINVAL;
        request.pid = (int32_t)id;
        break;
    case P_PGID:
        if ((int32_t)id < 0) return -EINVAL;
        request.pid = id ? -(int32_t)id : 0;
        break;
    default: return -EINVAL;
    }
    int32_t found = task_wait_child(&request, &answer);
    if (found < 0) return found;
    if (found > 0) {
        info.signo = SIGCHLD;
        info.code = answer.code;
        info.child = answer.pid;
        info.child_uid = answer.uid;
        info.status = (uint32_t)status_of(&answer);
    }
    if (regs->edx && siginfo_to_user(regs->edx, &info)) return -EFAULT;
    return found > 0 && regs->edi && rusage_of_child(regs->edi, &answer) ? -EFAULT : 0;
}

/* ---- who is it ---- */

int32_t sys_getpid(struct pt_regs *regs) {
    (void)regs;
    return (int32_t)current->tgid;
}

int32_t sys_gettid(struct pt_regs *regs) {
    (void)regs;
    return (int32_t)current->pid;
}

int32_t sys_getppid(struct pt_regs *regs) {
    (void)regs;
    return (int32_t)task_leader(current)->parent->tgid;
}

/* ---- groups and sessions ---- */

/* 0 is oneself. A null pointer: no such process. */
static struct task *process(uint32_t pid) {
    struct task *task = pid ? task_find(pid) : task_leader(current);
    return task && task->pid == task->tgid && task->proc->signal ? task : NULL;
}

int32_t sys_getpgid(struct pt_regs *regs) {
    const struct task *task = process(regs->ebx);
    return task ? (int32_t)task->pgrp : -ESRCH;
}

int32_t sys_getpgrp(struct pt_regs *regs) {
    (void)regs;
    return (int32_t)current->pgrp;
}

int32_t sys_getsid(struct pt_regs *regs) {
    const struct task *task = process(regs->ebx);
    return task ? (int32_t)task->session : -ESRCH;
}

static bool group_is_in_session(uint32_t pgrp, uint32_t session) {
    for (const struct task *task = task_first(); task; task = task->next)
        if (task->pgrp == pgrp && task->session == session) return true;
    return false;
}

int32_t sys_setpgid(struct pt_regs *regs) {
    struct task *task = process(regs->ebx), *me = task_leader(current);
    uint32_t pgrp = regs->ecx;

    if ((int32_t)pgrp < 0) return -EINVAL;
    if (!task || (task != me && task->parent != me)) return -ESRCH;
    if (task != me && task->session != me->session) return -EPERM;
    if (task != me && task->proc->signal->has_execed) return -EACCES;
    if (task->session == task->pid) return -EPERM;
    if (!pgrp) pgrp = task->pid;
    if (pgrp != task->pid && !group_is_in_session(pgrp, me->session)) return -EPERM;
    for_each_thread(thread, task) thread->pgrp = pgrp;
    return 0;
}

int32_t sys_setsid(struct pt_regs *regs) {
    struct task *me = task_leader(current);

    (void)regs;
    for (const struct task *task = task_first(); task; task = task->next)
        if (task->pgrp == me->pid) return -EPERM;
    for_each_thread(thread, me) {
        thread->session = thread->pgrp = me->pid;
        thread->tty = NULL;
    }
    return (int32_t)me->pid;
}

/* ---- the scheduler ---- */

int32_t sys_sched_yield(struct pt_regs *regs) {
    (void)regs;
    task_yield();
    return 0;
}

/* All tasks are equal: the calls about priorities answer so. */
#define NICE_ZERO 20 /* as getpriority() answers it: 20 - nice */

int32_t sys_getpriority(struct pt_regs *regs) {
    if (regs->ebx > 2) return -EINVAL;
    return regs->ebx == 0 && regs->ecx && !task_find(regs->ecx) ? -ESRCH : NICE_ZERO;
}

int32_t sys_setpriority(struct pt_regs *regs) {
    if (regs->ebx > 2) return -EINVAL;
    return regs->ebx == 0 && regs->ecx && !task_find(regs->ecx) ? -ESRCH : 0;
}

int32_t sys_nice(struct pt_regs *regs) {
    (void)regs;
    return 0;
}

/* SCHED_OTHER. */
int32_t sys_sched_getscheduler(struct pt_regs *regs) {
    return regs->ebx && !task_find(regs->ebx) ? -ESRCH : 0;
}

int32_t sys_sched_setscheduler(struct pt_regs *regs) {
    if (regs->ebx && !task_find(regs->ebx)) return -ESRCH;
    return regs->ecx == 0 ? 0 : -EINVAL;
}

int32_t sys_sched_getparam(struct pt_regs *regs) {
    if (regs->ebx && !task_find(regs->ebx)) return -ESRCH;
    return put_user(regs->ecx, 0);
}

int32_t sys_sched_get_priority_max(struct pt_regs *regs) {
    return regs->ebx <= 2 ? (regs->ebx ? 99 : 0) : -EINVAL;
}

int32_t sys_sched_get_priority_min(struct pt_regs *regs) {
    return regs->ebx <= 2 ? (regs->ebx ? 1 : 0) : -EINVAL;
}

/* One processor: the first bit of a mask. */
int32_t sys_sched_getaffinity(struct pt_regs *regs) {
    if (regs->ebx && !task_find(regs->ebx)) return -ESRCH;
    if (regs->ecx < sizeof(uint32_t) || regs->ecx % sizeof(uint32_t)) return -EINVAL;
    return put_user(regs->edx, 1) ? -EFAULT : (int32_t)sizeof(uint32_t);
}

int32_t sys_sched_setaffinity(struct pt_regs *regs) {
    uint32_t mask;

    if (regs->ebx && !task_find(regs->ebx)) return -ESRCH;
    if (regs->ecx < sizeof mask) return -EINVAL;
    if (get_user(&mask, regs->edx)) return -EFAULT;
    return mask & 1 ? 0 : -EINVAL;
}

int32_t sys_getcpu(struct pt_regs *regs) {
    if (regs->ebx && put_user(regs->ebx, 0)) return -EFAULT;
    return regs->ecx && put_user(regs->ecx, 0) ? -EFAULT : 0;
}

/* ---- itself ---- */

#define PR_SET_PDEATHSIG 1
#define PR_GET_PDEATHSIG 2
#define PR_GET_DUMPABLE 3
#define PR_SET_DUMPABLE 4
#define PR_SET_NAME 15
#define PR_GET_NAME 16
#define PR_SET_NO_NEW_PRIVS 38
#define PR_GET_NO_NEW_PRIVS 39

static int32_t set_name(uint32_t user) {
    char name[TASK_NAME_MAX];
    int length = strncpy_from_user(name, user, sizeof name);

    if (length == -EFAULT) return -EFAULT;
    name[sizeof name - 1] = 0;
    strlcpy(current->name, name, sizeof current->name);
    return 0;
}

static int32_t set_death_signal(uint32_t signal) {
    if (signal > SIGNALS) return -EINVAL;
    task_leader(current)->proc->death_signal = signal;
    return 0;
}

int32_t sys_prctl(struct pt_regs *regs) {
    switch (regs->ebx) {
    case PR_SET_NAME: return set_name(regs->ecx);
    case PR_GET_NAME: return copy_to_user(regs->ecx, current->name, sizeof current->name);
    case PR_GET_DUMPABLE: return 1;
    case PR_SET_PDEATHSIG: return set_death_signal(regs->ecx);
    case PR_GET_PDEATHSIG: return put_user(regs->ecx, task_leader(current)->proc->death_signal);
    case PR_SET_DUMPABLE:
    case PR_SET_NO_NEW_PRIVS:
    case PR_GET_NO_NEW_PRIVS: return 0;
    default: return -EINVAL;
    }
}

#define PERSONALITY_ASK 0xFFFFFFFFu

int32_t sys_personality(struct pt_regs *regs) {
    uint32_t before = current->proc->personality;

    if (regs->ebx != PERSONALITY_ASK) current->proc->personality = regs->ebx;
    return (int32_t)before;
}

/* ---- futex ---- */

#define FUTEX_COMMAND 127u
#define FOREVER (~0ull)

/* A wait with an end goes on to the same end after a signal, and not at all after a handler (signal(7)). */
enum { WORD, IS_PRIVATE, VALUE, BITS, UNTIL_LOW, UNTIL_HIGH };

static int32_t wait_again(const uint32_t *arguments) {
    uint64_t until = arguments[UNTIL_LOW] | (uint64_t)arguments[UNTIL_HIGH] << 32;
    int32_t answer = futex_wait(arguments[WORD], arguments[IS_PRIVATE], arguments[VALUE], arguments[BITS], until);

    if (answer != -ERESTARTSYS || until == FOREVER) return answer;
    current->proc->restart = wait_again;
    return -ERESTART_RESTARTBLOCK;
}

static int32_t wait_on(const struct pt_regs *regs, uint32_t bits, uint64_t until) {
    uint32_t *arguments = current->proc->restart_arguments;

    arguments[WORD] = regs->ebx;
    arguments[IS_PRIVATE] = regs->ecx & FUTEX_PRIVATE_FLAG;
    arguments[VALUE] = regs->edx;
    arguments[BITS] = bits;
    arguments[UNTIL_LOW] = (uint32_t)until;
    arguments[UNTIL_HIGH] = (uint32_t)(until >> 32);
    return wait_again(arguments);
}

static int32_t futex_call(const struct pt_regs *regs, uint64_t until) {
    bool private = regs->ecx & FUTEX_PRIVATE_FLAG;
    uint32_t value;

    switch (regs->ecx & FUTEX_COMMAND) {
    case FUTEX_WAIT: return wait_on(regs, ~0u, until);
    case FUTEX_WAIT_BITSET: return wait_on(regs, regs->ebp, until);
    case FUTEX_WAKE: return futex_wake(regs->ebx, private, regs->edx, ~0u);
    case FUTEX_WAKE_BITSET: return futex_wake(regs->ebx, private, regs->edx, regs->ebp);
    case FUTEX_CMP_REQUEUE:
        if (get_user(&value, regs->ebx)) return -EFAULT;
        if (value != regs->ebp) return -EAGAIN;
        return futex_requeue(regs->ebx, regs->edi, private, regs->edx, regs->esi);
    case FUTEX_REQUEUE: return futex_requeue(regs->ebx, regs->edi, private, regs->edx, regs->esi);
    default: return -ENOSYS;
    }
}

/* ESI is a time only for those that wait: from now on, or with a bitset a moment. */
static int32_t futex(struct pt_regs *regs, int (*read)(uint64_t *ns, uint32_t user)) {
    uint32_t command = regs->ecx & FUTEX_COMMAND;
    uint64_t until = FOREVER;

    if ((command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET) && regs->esi) {
        int error = read(&until, regs->esi);
        if (error) return error;
        if (command == FUTEX_WAIT) until += clock_monotonic();
        else if (regs->ecx & FUTEX_CLOCK_REALTIME) until -= clock_realtime() - clock_monotonic();
    }
    return futex_call(regs, until);
}

int32_t sys_futex(struct pt_regs *regs) {
    return futex(regs, time_from_user32);
}

int32_t sys_futex_time64(struct pt_regs *regs) {
    return futex(regs, time_from_user64);
}
