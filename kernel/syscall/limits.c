/*
 * limits.c: what a process may have at most (getrlimit(2)).
 */
#include <lib/errno.h>
#include <mm/uaccess.h>
#include <proc/task_private.h>
#include <syscall/table.h>

#define INFINITY64 0xFFFFFFFFFFFFFFFFull
#define INFINITY_OLD 0x7FFFFFFFu /* of the first getrlimit() */
#define OPEN_FILES_MOST 1048576u

/* Those that memory management looks at are kept in the space, too. */
static void tell_space(const struct task *task) {
    struct mm_struct *mm = task->mm;

    if (!mm) return;
    mm->limit_as = task->rlimit[RLIMIT_AS].now;
    mm->limit_data = task->rlimit[RLIMIT_DATA].now;
    mm->limit_stack = task->rlimit[RLIMIT_STACK].now;
}

static int32_t change(struct task *task, uint32_t which, const struct rlimit *limit) {
    struct rlimit *old = &task->rlimit[which];

    if (limit->now > limit->most) return -EINVAL;
    if (limit->most > old->most && current->euid) return -EPERM;
    if (which == RLIMIT_NOFILE && limit->most > OPEN_FILES_MOST) return -EPERM;
    for_each_thread(thread, task) thread->rlimit[which] = *limit;
    tell_space(task);
    return 0;
}

int32_t sys_ugetrlimit(struct pt_regs *regs) {
    if (regs->ebx >= RLIMITS) return -EINVAL;
    return copy_to_user(regs->ecx, &current->rlimit[regs->ebx], sizeof(struct rlimit));
}

int32_t sys_getrlimit(struct pt_regs *regs) {
    if (regs->ebx >= RLIMITS) return -EINVAL;
    struct rlimit limit = current->rlimit[regs->ebx];
    if (limit.now > INFINITY_OLD) limit.now = INFINITY_OLD;
    if (limit.most > INFINITY_OLD) limit.most = INFINITY_OLD;
    return copy_to_user(regs->ecx, &limit, sizeof limit);
}

int32_t sys_setrlimit(struct pt_regs *regs) {
    struct rlimit limit;

    if (regs->ebx >= RLIMITS) return -EINVAL;
    if (copy_from_user(&limit, regs->ecx, sizeof limit)) return -EFAULT;
    return change(current, regs->ebx, &limit);
}

static uint32_t narrow(uint64_t value) {
    return value > RLIM_INFINITY ? RLIM_INFINITY : (uint32_t)value;
}

static uint64_t widen(uint32_t value) {
    return value == RLIM_INFINITY ? INFINITY64 : value;
}

int32_t sys_prlimit64(struct pt_regs *regs) {
    struct task *task = regs->ebx ? task_find(regs->ebx) : current;
    uint32_t which = regs->ecx;
    uint64_t given[2];

    if (!task || !task->proc->signal) return -ESRCH;
    if (which >= RLIMITS) return -EINVAL;
    if (task->tgid != current->tgid && signal_may_send(task, 0)) return -EPERM;
    const uint64_t old[2] = {widen(task->rlimit[which].now), widen(task->rlimit[which].most)};
    if (regs->edx) {
        if (copy_from_user(given, regs->edx, sizeof given)) return -EFAULT;
        const struct rlimit limit = {narrow(given[0]), narrow(given[1])};
        int32_t error = change(task, which, &limit);
        if (error) return error;
    }
    return regs->esi ? copy_to_user(regs->esi, old, sizeof old) : 0;
}
