/*
 * exit.h: the end of a task, and who hears of it.
 */
#ifndef PROC_EXIT_H
#define PROC_EXIT_H

#include <proc/task.h>

#define SIGNAL_OF_CODE 0x7Fu /* of such a code; 0: it ended by itself */

/* Ends the current thread; with the last one the process, whose parent is told `code`, as wait4()
 * answers it: status << 8, or a signal. */
void task_exit(uint32_t code) __attribute__((noreturn));

/* execve(): the other threads of the process end; the current one is the first then. -EAGAIN: it has to
 * end itself, as another thread was first with this, or the process is being killed. */
int32_t threads_end_others(void);

/* The current task leaves its space: who waits in vfork() goes on. For the end, and for execve(). */
void task_leave_space(void);

#define WNOHANG 0x1u
#define WUNTRACED 0x2u /* WSTOPPED */
#define WEXITED 0x4u
#define WCONTINUED 0x8u
#define WNOWAIT 0x1000000u
#define WNOTHREAD 0x20000000u
#define WALL 0x40000000u
#define WCLONE 0x80000000u

/* Whom wait4() waits for: `pid` > 0: this one; 0: of the caller's group; -1: any; < -1: of the group
 * -pid. */
struct wait_request {
    int32_t pid;
    uint32_t options; /* with WEXITED, if it is about those that have ended */
};

struct wait_answer {
    uint32_t pid, uid, status; /* as wait4() has it */
    int32_t code;              /* CLD_... */
    uint32_t user_ticks, kernel_ticks, minor_faults, major_faults;
    uint32_t voluntary_switches, involuntary_switches;
};

/* Waits for a child. Its pid; 0: WNOHANG and there is none yet; -ECHILD, -ERESTARTSYS. The boot task
 * may wait too: for process 1. */
int32_t task_wait_child(const struct wait_request *request, struct wait_answer *answer);

#endif
