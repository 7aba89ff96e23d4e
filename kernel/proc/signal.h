/*
 * signal.h: signals, as Linux i386 numbers and stores them (signal(7); uapi: asm/signal.h,
 * asm-generic/siginfo.h).
 *
 *   sent      signal.c   into the set of a thread or of its process; an ignored one is forgotten
 *   taken     deliver.c  on the way to ring 3: ends the process, stops it, or calls its handler
 *   handled   signal_frame.c  on a frame of the user's stack that sigreturn() takes off again
 */
#ifndef PROC_SIGNAL_H
#define PROC_SIGNAL_H

#include <cpu/regs.h>
#include <proc/task.h>
#include <proc/timer.h>

#define SIGILL 4
#define SIGTRAP 5
#define SIGABRT 6
#define SIGBUS 7
#define SIGFPE 8
#define SIGKILL 9
#define SIGUSR1 10
#define SIGSEGV 11
#define SIGALRM 14
#define SIGTERM 15
#define SIGCHLD 17
#define SIGCONT 18
#define SIGSTOP 19
#define SIGURG 23
#define SIGVTALRM 26
#define SIGPROF 27
#define SIGRTMIN 32
#define SIGNALS 64

typedef uint64_t sigset_t; /* bit n - 1: signal n */

static inline sigset_t sigmask(unsigned signal) {
    return 1ull << (signal - 1);
}

#define SIG_DFL 0u
#define SIG_IGN 1u

#define SA_NOCLDSTOP 0x00000001u
#define SA_NOCLDWAIT 0x00000002u
#define SA_SIGINFO 0x00000004u
#define SA_RESTORER 0x04000000u
#define SA_ONSTACK 0x08000000u
#define SA_RESTART 0x10000000u
#define SA_NODEFER 0x40000000u
#define SA_RESETHAND 0x80000000u

/* sigaltstack() */
#define SS_ONSTACK 1u
#define SS_DISABLE 2u

/* struct sigaction of rt_sigaction(), as a program passes it. */
struct sigaction {
    uint32_t handler; /* SIG_DFL, SIG_IGN, or an address */
    uint32_t flags;
    uint32_t restorer;
    sigset_t mask;
} __attribute__((packed));

/* siginfo.si_code */
#define SI_USER 0
#define SI_KERNEL 128
#define SI_QUEUE (-1)
#define SI_TKILL (-6)
#define ILL_ILLOPN 2
#define FPE_INTDIV 1
#define FPE_FLTDIV 3
#define FPE_FLTOVF 4
#define FPE_FLTUND 5
#define FPE_FLTRES 6
#define FPE_FLTINV 7
#define SEGV_MAPERR 1
#define SEGV_ACCERR 2
#define BUS_ADRALN 1
#define BUS_ADRERR 2
#define TRAP_BRKPT 1
#define TRAP_TRACE 2
#define CLD_EXITED 1
#define CLD_KILLED 2
#define CLD_DUMPED 3
#define CLD_STOPPED 5
#define CLD_CONTINUED 6

/* The part of siginfo_t that is ever in use; the rest of its SIGINFO_BYTES is 0. */
#define SIGINFO_BYTES 128
struct siginfo {
    int32_t signo, error, code;
    union {
        struct {
            uint32_t pid, uid, value; /* kill(), sigqueue() */
        };
        uint32_t address; /* faults */
        struct {
            uint32_t child, child_uid, status, user_time, system_time; /* SIGCHLD */
        };
    };
};

/* Signals that have come. Those from SIGRTMIN on may come several times; of the others one is kept. */
struct queued_signal {
    struct queued_signal *next;
    struct signal_struct *process; /* whose it is */
    struct siginfo info;
};

struct pending_signals {
    sigset_t set;
    struct queued_signal *first; /* in the order in which they came */
};

/* What is done at each signal. Threads share it, and who asks for CLONE_SIGHAND. */
struct sighand_struct {
    uint32_t users;
    struct sigaction action[SIGNALS];
};

struct interval_timer {
    struct timer timer;
    uint64_t at;       /* of clock_monotonic(); 0: it is off */
    uint64_t interval; /* ns; 0: it expires once */
};

/* What the threads of a process share. */
struct signal_struct {
    uint32_t users;   /* threads, and the first one until it is reaped */
    uint32_t threads; /* that have not ended */
    struct task *leader;
    struct pending_signals pending;
    uint32_t queued; /* queued_signals of all its threads */

    bool exiting; /* all threads are to end, with this code */
    uint32_t exit_code;

    uint8_t stopped_by; /* the signal that has stopped all threads; 0: they run */
    bool report_stop, report_continue; /* the parent has not been told by wait4() */

    struct task *exec_by; /* a thread that waits in execve() for all others to end */
    bool has_execed;               /* since the fork: the parent may not change its group any more */
    int16_t oom_score_adj;         /* oom.h */
    struct interval_timer alarm;   /* ITIMER_REAL */
    uint32_t virtual_ticks, virtual_interval; /* ITIMER_VIRTUAL, ITIMER_PROF: ticks left */
    uint32_t profile_ticks, profile_interval;
};

/* ---- signal.c ---- */

/* Makes the caches. False: no memory. */
bool signal_init(void);

/* Sends a signal with its story, to the process of `task`, or with `thread` to that thread alone. From
 * tasks and interrupt handlers. 0; -EAGAIN: of sigqueue() or tkill(), and too many are kept already. */
int signal_send_info(struct task *task, const struct siginfo *info, bool thread);

/* May the current task send this signal to that task? 0 or -EPERM. */
int signal_may_send(const struct task *task, unsigned signal);

/* Ends all threads of the process, with what wait4() answers for it. Also from interrupt handlers. */
void signal_kill(struct signal_struct *signal, uint32_t exit_code);

/* A signal that cannot be blocked or ignored: of a fault of ring 3. */
void signal_force(const struct siginfo *info);

/* Takes the next one that is not in `blocked`. Its number, or 0. Faults come first. */
unsigned signal_take(sigset_t blocked, struct siginfo *info);

/* The signals of a set that have come, of the thread and of its process. */
sigset_t signals_pending_now(void);

/* Forgets all that have come; or those in `set`. */
void signal_flush(struct pending_signals *pending, sigset_t set);

/* Changes what is blocked, and wakes others for what has come meanwhile. SIGKILL and SIGSTOP never
 * are. */
void signal_block(sigset_t blocked);

/* Is nothing done at this signal of this process? */
bool signal_is_ignored_by(const struct task *task, unsigned signal);

/* Signals whose default is to do nothing, to stop. */
#define SIGNALS_IGNORED (sigmask(SIGCHLD) | sigmask(SIGCONT) | sigmask(SIGURG) | sigmask(SIGWINCH))
#define SIGNALS_STOP (sigmask(SIGSTOP) | sigmask(SIGTSTP) | sigmask(SIGTTIN) | sigmask(SIGTTOU))
#define SIGNALS_UNBLOCKABLE (sigmask(SIGKILL) | sigmask(SIGSTOP))

/* Copies for a new process or thread; a null pointer: no memory. */
struct signal_struct *signal_struct_alloc(struct task *leader);
void signal_struct_put(struct signal_struct *signal);
struct sighand_struct *sighand_copy(const struct sighand_struct *sighand); /* null: all default */
void sighand_put(struct sighand_struct *sighand);

/* ITIMER_REAL: SIGALRM at a moment of clock_monotonic(), and then at each multiple of `interval` ns; `at` 0:
 * never. */
void alarm_set(struct signal_struct *signal, uint64_t at, uint64_t interval);

/* A tick that the process of `task` has had, in ring 3 or in the kernel: ITIMER_VIRTUAL, ITIMER_PROF. */
void signal_tick(struct task *task, bool in_ring3);

/* ---- deliver.c ---- */

/* Looks at what has come, before ring 3 goes on. May not come back. Interrupts are on. */
void signal_deliver(struct pt_regs *regs);

/* Tells the parent that its child has ended, stopped or continued: SIGCHLD, and who waits. */
void signal_tell_parent(const struct task *child, int32_t code, uint32_t status);

/* ---- signal_frame.c ---- */

/* Makes ring 3 go on in its handler. False: there is no room for the frame. */
bool signal_frame_push(struct pt_regs *regs, const struct sigaction *action,
                       const struct siginfo *info, sigset_t blocked);

/* The other way, for sigreturn() and rt_sigreturn(). False: there is no such frame. */
bool signal_frame_pop(struct pt_regs *regs, bool rt);

/* Copies a siginfo to user memory. 0 or -EFAULT. */
int siginfo_to_user(uint32_t user, const struct siginfo *info);

#endif
