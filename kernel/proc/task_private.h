/*
 * task_private.h: what only kernel/proc and the system calls of tasks know of a task.
 */
#ifndef PROC_TASK_PRIVATE_H
#define PROC_TASK_PRIVATE_H

#include <cpu/gdt.h>
#include <proc/futex.h>
#include <proc/signal.h>
#include <proc/task.h>
#include <proc/timer.h>

#define RESTART_ARGUMENTS 6

struct fpu_state;

/* Why ring 3 was last interrupted by an exception: for siginfo, and for the line about its end. */
struct user_fault {
    uint32_t vector, error_code, address, eip;
    uint8_t outcome; /* enum fault_outcome, of a page fault */
    uint8_t access;  /* enum fault_access */
    uint8_t signal;  /* that it became; 0: there has been none */
};

struct task_private {
    struct task *task; /* the other half */

    /* Its stack in the kernel: switch.asm. */
    void *stack;  /* its bottom; a null pointer: the stack that the kernel has started on */
    uint32_t esp; /* while it does not run */
    void (*run)(void *with); /* a kernel thread: what it does */
    void *with;

    /* schedule.c, wait.c */
    struct task *next_ready;
    uint32_t slice;       /* ticks that it may still run before the next one's turn */
    bool woken;           /* since the last task_sleep() */
    struct timer timeout; /* of task_sleep() */

    /* Signals. No signal_struct: a kernel thread, which gets none. */
    struct signal_struct *signal;   /* what the threads of a process share */
    struct sighand_struct *sighand; /* what is done at each signal */
    struct pending_signals pending; /* for this thread alone */
    sigset_t blocked;
    sigset_t blocked_before; /* to be blocked again after the call: sigsuspend() and the like */
    bool restore_blocked;
    sigset_t awaited; /* by sigtimedwait(): not blocked meanwhile, but not ignored either */
    bool look; /* on the way to ring 3: a call is to be made again, or blocked_before set */
    uint32_t altstack, altstack_bytes; /* 0 bytes: none */
    struct user_fault fault;

    /* A call that goes on after a signal by another way: restart_syscall(). */
    int32_t (*restart)(const uint32_t *arguments);
    uint32_t restart_arguments[RESTART_ARGUMENTS];

    /* Threads and their libraries. */
    uint64_t tls[TLS_ENTRIES];  /* descriptors of the GDT: tls.c */
    struct fpu_state *fpu;      /* a null pointer: it has not used the FPU: fpu.c */
    uint32_t clear_child_tid;   /* user address: set to 0, and woken, at the end */
    uint32_t set_child_tid;     /* user address: gets the pid, first thing */
    uint32_t robust_list;       /* user address: futex.c */
    struct futex_sleeper futex; /* while it sleeps in futex_wait() */

    /* Its end, and that of its children. */
    struct task *vfork_parent; /* waits until this one has a space of its own, or has ended */
    uint32_t death_signal;     /* it gets it when its parent ends: prctl(2); 0: none */
    uint32_t exit_signal;      /* to the parent; of the first thread of a process */
    struct wait_queue child_event;
    uint32_t minor_faults, major_faults; /* of spaces that it has left */
    uint32_t children_minor_faults, children_major_faults;
    uint32_t personality;
};

/* The registers of ring 3, which lie at the very top of the stack. */
struct pt_regs *task_regs(const struct task *task);

/* ---- task.c: all tasks ---- */

/*
 * A task with a stack, not in the list yet: all else is 0. A null pointer: there is no memory, or
 * there are TASKS_MAX already.
 */
struct task *task_alloc(const char *name);

/* Takes back what task_alloc() gave. It is in no list, and does not run. */
void task_free(struct task *task);

/* Puts it into the list of all, with this pid, or for 0 with the next one that is free; out of it. */
void task_list_add(struct task *task, uint32_t pid);
void task_list_remove(struct task *task);

/* How many there are, the boot task included. */
unsigned task_count(void);

/* The first thread of its process. */
struct task *task_leader(const struct task *task);

/* For each task of the same process as `task`. */
#define for_each_thread(thread, of)                                                         \
    for (struct task *thread = task_first(); thread; thread = thread->next)                 \
        if (thread->tgid == (of)->tgid)

#endif
