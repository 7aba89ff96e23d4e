/*
 * fork.h: new processes and threads.
 */
#ifndef PROC_FORK_H
#define PROC_FORK_H

#include <cpu/regs.h>

/* Flags of clone(2); the lowest byte is the signal to the parent at the end. */
#define CSIGNAL 0x000000FFu
#define CLONE_VM 0x00000100u
#define CLONE_FS 0x00000200u
#define CLONE_FILES 0x00000400u
#define CLONE_SIGHAND 0x00000800u
#define CLONE_VFORK 0x00004000u
#define CLONE_PARENT 0x00008000u
#define CLONE_THREAD 0x00010000u
#define CLONE_SETTLS 0x00080000u
#define CLONE_PARENT_SETTID 0x00100000u
#define CLONE_CHILD_CLEARTID 0x00200000u
#define CLONE_CHILD_SETTID 0x01000000u

struct clone_request {
    uint32_t flags;
    uint32_t stack;      /* ESP of the child; 0: the parent's */
    uint32_t parent_tid; /* user addresses */
    uint32_t child_tid;
    uint32_t tls;
};

/*
 * A copy of the current task, which goes on in ring 3 at `regs` with EAX = 0. With CLONE_VFORK, comes
 * back when the child has left the space. The pid of the child; -EINVAL, -ENOMEM, -EAGAIN, -EFAULT.
 */
int32_t task_clone(const struct pt_regs *regs, const struct clone_request *request);

#endif
