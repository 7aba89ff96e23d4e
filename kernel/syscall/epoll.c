/*
 * epoll.c: system calls of lists of files that are waited for (epoll(7)).
 */
#include <fs/epoll.h>
#include <fs/fd.h>
#include <lib/errno.h>
#include <mm/uaccess.h>
#include <proc/clock.h>
#include <proc/signal_mask.h>
#include <proc/task.h>
#include <syscall/table.h>

#define EPOLL_CLOEXEC O_CLOEXEC
#define EPOLL_CTL_ADD 1
#define EPOLL_CTL_DEL 2
#define EPOLL_CTL_MOD 3
#define EVENTS_MAX (INT32_MAX / (int32_t)sizeof(struct epoll_event))

static int32_t create(bool close_on_exec) {
    struct file *file;
    int32_t error = epoll_make(&file);

    if (error) return error;
    int32_t fd = fd_install(file, 0, close_on_exec);
    if (fd < 0) file_put(file);
    return fd;
}

/* Its size has not mattered since Linux 2.6.8. */
int32_t sys_epoll_create(struct pt_regs *regs) {
    return (int32_t)regs->ebx <= 0 ? -EINVAL : create(false);
}

int32_t sys_epoll_create1(struct pt_regs *regs) {
    if (regs->ebx & ~EPOLL_CLOEXEC) return -EINVAL;
    return create(regs->ebx & EPOLL_CLOEXEC);
}

static int32_t control(struct file *list, struct file *file, const struct pt_regs *regs,
                       const struct epoll_event *event) {
    if (!file->ops->poll) return -EPERM;
    if (file == list || !is_epoll(list)) return -EINVAL;
    switch (regs->ecx) {
    case EPOLL_CTL_ADD: return epoll_add(list, file, regs->edx, event);
    case EPOLL_CTL_DEL: return epoll_remove(list, file, regs->edx);
    case EPOLL_CTL_MOD: return epoll_modify(list, file, regs->edx, event);
    default: return -EINVAL;
    }
}

int32_t sys_epoll_ctl(struct pt_regs *regs) {
    struct epoll_event event = {0};

    if (regs->ecx != EPOLL_CTL_DEL && copy_from_user(&event, regs->esi, sizeof event)) return -EFAULT;
    struct file *list = fd_file(regs->ebx), *file = fd_file(regs->edx);
    int32_t answer = list && file ? control(list, file, regs, &event) : -EBADF;
    if (list) file_put(list);
    if (file) file_put(file);
    return answer;
}

static int32_t wait_for_events(struct file *list, uint32_t user, uint32_t most, uint64_t deadline) {
    int32_t count = epoll_collect(list, user, most), error = 0;

    while (count == 0 && !error && clock_ticks_until(deadline)) {
        error = epoll_sleep(list, deadline) ? -EINTR : 0; /* never made again: signal(7) */
        count = epoll_collect(list, user, most);
    }
    return count ? count : error;
}

int32_t sys_epoll_wait(struct pt_regs *regs) {
    int32_t most = (int32_t)regs->edx, milliseconds = (int32_t)regs->esi;
    uint64_t deadline =
        milliseconds < 0 ? UINT64_MAX : clock_monotonic() + (uint32_t)milliseconds * 1000000ull;

    if (most <= 0 || most > EVENTS_MAX) return -EINVAL;
    if (!access_ok(regs->ecx, (uint32_t)most * sizeof(struct epoll_event))) return -EFAULT;
    if (milliseconds == 0) deadline = 0;
    struct file *list = fd_file(regs->ebx);
    if (!list) return -EBADF;
    int32_t answer = is_epoll(list) ? wait_for_events(list, regs->ecx, (uint32_t)most, deadline) : -EINVAL;
    file_put(list);
    return answer;
}

int32_t sys_epoll_pwait(struct pt_regs *regs) {
    int32_t answer = signal_mask_for_wait(regs->edi, regs->ebp);

    if (answer) return answer;
    answer = sys_epoll_wait(regs);
    signal_mask_after_wait(answer == -EINTR);
    return answer;
}
