/*
 * pipe.c: system calls that make pipes (pipe(2)).
 */
#include <fs/fd.h>
#include <fs/pipe.h>
#include <lib/errno.h>
#include <mm/uaccess.h>
#include <syscall/table.h>

/* Descriptors for both ends; the references go to them, or are given up. */
static int install(struct file *ends[2], bool close_on_exec, int32_t fds[2]) {
    fds[0] = fd_install(ends[0], 0, close_on_exec);
    if (fds[0] < 0) {
        file_put(ends[0]);
        file_put(ends[1]);
        return fds[0];
    }
    fds[1] = fd_install(ends[1], 0, close_on_exec);
    if (fds[1] >= 0) return 0;
    fd_close((uint32_t)fds[0]);
    file_put(ends[1]);
    return fds[1];
}

static int32_t make(uint32_t user, uint32_t flags) {
    struct file *ends[2];
    int32_t fds[2];

    if (flags & ~(O_CLOEXEC | O_NONBLOCK)) return -EINVAL;
    int error = pipe_make(&ends[0], &ends[1], flags & O_NONBLOCK);
    if (!error) error = install(ends, flags & O_CLOEXEC, fds);
    if (error) return error;
    if (!copy_to_user(user, fds, sizeof fds)) return 0;
    fd_close((uint32_t)fds[0]);
    fd_close((uint32_t)fds[1]);
    return -EFAULT;
}

int32_t sys_pipe(struct pt_regs *regs) {
    return make(regs->ebx, 0);
}

int32_t sys_pipe2(struct pt_regs *regs) {
    return make(regs->ebx, regs->ecx);
}
