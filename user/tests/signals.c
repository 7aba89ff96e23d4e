/*
 * signals.c: handlers, masks, other stacks, what a handler is told, and calls that are broken off.
 */
#include "test.h"

static void raise(int signal) {
    WORKS(kill(getpid(), signal));
}

void test_signal_handler_is_called(void) {
    WORKS(handle(SIGUSR1, note_signal, 0));
    raise(SIGUSR1);
    SAME(caught, 1);
    SAME(last_caught, SIGUSR1);
}

void test_signal_default_kills(void) {
    static const int deadly[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGILL,  SIGABRT, SIGFPE,
                                 SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM,
                                 SIGTERM, SIGBUS,  SIGTRAP, 40,      64};
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++) {
        int32_t child = WORKS(fork());
        if (!child) {
            raise(deadly[i]);
            _exit(0);
        }
        SAME(ended(child), KILLED(deadly[i]));
    }
}

void test_signal_default_ignored(void) {
    raise(SIGCHLD);
    raise(SIGWINCH);
    raise(SIGCONT);
    raise(23); /* SIGURG */
}

void test_signal_ignored(void) {
    WORKS(handle(SIGTERM, SIG_IGN, 0));
    raise(SIGTERM);
}

void test_signal_kill_cannot_be_caught(void) {
    FAILS(handle(SIGKILL, note_signal, 0), EINVAL);
    FAILS(handle(SIGSTOP, SIG_IGN, 0), EINVAL);
    FAILS(handle(0, note_signal, 0), EINVAL);
    FAILS(handle(65, note_signal, 0), EINVAL);
}

void test_signal_numbers(void) {
    FAILS(kill(getpid(), 65), EINVAL);
    FAILS(kill(getpid(), -1), EINVAL);
    WORKS(kill(getpid(), 0));
    FAILS(kill(0x7FFFFF, 0), ESRCH);
}

void test_signal_mask_holds_back(void) {
    uint64_t mask = signal_bit(SIGUSR1), old, pending;
    WORKS(handle(SIGUSR1, note_signal, 0));
    WORKS(sigprocmask(SIG_BLOCK, &mask, &old));
    SAME(old, 0);
    raise(SIGUSR1);
    raise(SIGUSR1); /* pending once */
    SAME(caught, 0);
    WORKS(sigpending(&pending));
    SAME(pending, mask);
    WORKS(sigprocmask(SIG_UNBLOCK, &mask, NULL));
    SAME(caught, 1);
    WORKS(sigpending(&pending));
    SAME(pending, 0);
}

void test_signal_mask_errors(void) {
    uint64_t mask = 0;
    FAILS(sigprocmask(9, &mask, NULL), EINVAL);
    FAILS(syscall(NR_rt_sigprocmask, SIG_BLOCK, &mask, NULL, 4), EINVAL);
    FAILS(sigprocmask(SIG_BLOCK, (const uint64_t *)kernel_start(), NULL), EFAULT);
    WORKS(sigprocmask(9, NULL, &mask)); /* only asks: `how` does not matter */
}

void test_signal_kill_cannot_be_masked(void) {
    uint64_t mask = ~(uint64_t)0, now;
    WORKS(sigprocmask(SIG_SETMASK, &mask, NULL));
    WORKS(sigprocmask(SIG_SETMASK, NULL, &now));
    SAME(now, ~(signal_bit(SIGKILL) | signal_bit(SIGSTOP)));
}

static int nested, deepest;
static void nest(int signal) {
    nested++;
    if (nested > deepest) deepest = nested;
    if (caught++ < 3) raise(signal);
    nested--;
}

void test_signal_blocked_in_its_handler(void) {
    WORKS(handle(SIGUSR1, nest, 0));
    raise(SIGUSR1);
    SAME(caught, 4);
    SAME(deepest, 1);
}

void test_signal_nodefer(void) {
    WORKS(handle(SIGUSR1, nest, SA_NODEFER));
    raise(SIGUSR1);
    SAME(caught, 4);
    SAME(deepest, 4);
}

void test_signal_handler_mask(void) {
    struct sigaction action = {{nest}, SA_RESTORER, restore_old, signal_bit(SIGUSR2)};
    WORKS(sigaction(SIGUSR1, &action, NULL));
    WORKS(handle(SIGUSR2, note_signal, 0));
    uint64_t mask;
    raise(SIGUSR1);
    WORKS(sigprocmask(SIG_SETMASK, NULL, &mask));
    SAME(mask, 0); /* as before */
}

void test_signal_resethand(void) {
    struct sigaction now;
    WORKS(handle(SIGUSR1, note_signal, SA_RESETHAND));
    raise(SIGUSR1);
    SAME(caught, 1);
    WORKS(sigaction(SIGUSR1, NULL, &now));
    CHECK(now.handler == SIG_DFL);
}

void test_signal_action_is_told(void) {
    struct sigaction now;
    WORKS(handle(SIGUSR1, note_signal, SA_NODEFER | SA_RESTART));
    WORKS(sigaction(SIGUSR1, NULL, &now));
    CHECK(now.handler == note_signal && now.restorer == restore_old);
    SAME(now.flags, SA_NODEFER | SA_RESTART | SA_RESTORER);
    FAILS(sigaction(SIGUSR1, (struct sigaction *)kernel_start(), NULL), EFAULT);
    FAILS(sigaction(SIGUSR1, NULL, (struct sigaction *)kernel_start()), EFAULT);
    FAILS(syscall(NR_rt_sigaction, SIGUSR1, NULL, NULL, 4), EINVAL);
}

static struct siginfo seen;
static uint32_t seen_context_eip, seen_stack;
static struct stack_t seen_altstack;
static void take_info(int signal, struct siginfo *info, struct ucontext *context) {
    (void)signal;
    seen = *info;
    seen_context_eip = context->registers.eip;
    seen_altstack = context->stack;
    seen_stack = (uint32_t)&info;
    caught++;
}

static void handle_with_info(int signal, uint32_t flags) {
    WORKS(handle_info(signal, take_info, flags));
}

void test_signal_info_of_kill(void) {
    handle_with_info(SIGUSR1, 0);
    raise(SIGUSR1);
    SAME(seen.signal, SIGUSR1);
    SAME(seen.code, SI_USER);
    SAME(seen.process.pid, getpid());
    SAME(seen.process.uid, syscall(NR_getuid32));
}

void test_signal_info_of_tgkill(void) {
    handle_with_info(SIGUSR1, 0);
    WORKS(syscall(NR_tgkill, getpid(), gettid(), SIGUSR1));
    SAME(seen.code, SI_TKILL);
    FAILS(syscall(NR_tgkill, getpid(), 0x7FFFFF, SIGUSR1), ESRCH);
    FAILS(syscall(NR_tgkill, 0, gettid(), SIGUSR1), EINVAL);
}

void test_signal_info_of_child(void) {
    handle_with_info(SIGCHLD, 0);
    int32_t child = WORKS(fork());
    if (!child) _exit(9);
    while (!caught) sleep_ms(1);
    SAME(seen.code, CLD_EXITED);
    SAME(seen.process.pid, child);
    SAME(seen.process.status, 9);
    SAME(ended(child), EXITED(9));
    child = WORKS(fork());
    if (!child)
        for (;;) pause();
    caught = 0;
    WORKS(kill(child, SIGKILL));
    while (!caught) sleep_ms(1);
    SAME(seen.code, CLD_KILLED);
    SAME(seen.process.status, SIGKILL);
}

/* MOV to a bad address, whose handler mends the register: the instruction runs again. */
static uint32_t good_word;
static void mend(int signal, struct siginfo *info, struct ucontext *context) {
    (void)signal;
    seen = *info;
    context->registers.ecx = (uint32_t)&good_word;
    caught++;
}

void test_signal_handler_changes_registers(void) {
    WORKS(handle_info(SIGSEGV, mend, 0));
    uint32_t address = 0x30;
    __asm__ volatile("movl $77, (%0)" : "+c"(address)::"memory");
    SAME(caught, 1);
    SAME(seen.address, 0x30);
    SAME(good_word, 77);
    SAME(address, (uint32_t)&good_word);
}

static void clobber(int signal) {
    (void)signal;
    __asm__ volatile("mov $1, %%esi\n mov $2, %%edi\n mov $3, %%ecx\n mov $4, %%edx" ::
                         : "esi", "edi", "ecx", "edx");
    caught++;
}

void test_signal_handler_keeps_registers(void) {
    WORKS(handle(SIGUSR1, clobber, 0));
    uint32_t b = (uint32_t)getpid(), c = SIGUSR1, d = 0x33333333, s = 0x44444444, i = 0x55555555,
             answer;
    __asm__ volatile("int $0x80"
                     : "=a"(answer), "+b"(b), "+c"(c), "+d"(d), "+S"(s), "+D"(i)
                     : "0"(NR_kill)
                     : "memory");
    SAME(answer, 0);
    SAME(caught, 1);
    SAME(c, SIGUSR1);
    SAME(d, 0x33333333);
    SAME(s, 0x44444444);
    SAME(i, 0x55555555);
}

static void use_fpu(int signal) {
    (void)signal;
    __asm__ volatile("fninit\n fldpi\n fldpi\n fldpi" ::: "st", "st(1)", "st(2)");
    caught++;
}

void test_signal_handler_keeps_fpu(void) {
    WORKS(handle(SIGUSR1, use_fpu, 0));
    double value = 1.25, back = 0;
    __asm__ volatile("fninit\n fldl %0" ::"m"(value));
    syscall(NR_kill, getpid(), SIGUSR1);
    __asm__ volatile("fstpl %0" : "=m"(back));
    SAME(caught, 1);
    CHECK(!memcmp(&back, &value, 8));
}

static struct stack_t other;
static void make_other_stack(void) {
    other = (struct stack_t){map_pages(8), 0, 8 * PAGE};
    WORKS(sigaltstack(&other, NULL));
}

void test_signal_other_stack(void) {
    make_other_stack();
    handle_with_info(SIGUSR1, SA_ONSTACK);
    raise(SIGUSR1);
    CHECK(seen_stack > other.base && seen_stack < other.base + other.bytes);
    SAME(seen_altstack.base, other.base);
    SAME(seen_altstack.bytes, other.bytes);
    handle_with_info(SIGUSR1, 0);
    raise(SIGUSR1);
    CHECK(seen_stack < other.base || seen_stack > other.base + other.bytes);
}

static int32_t answer_on_stack, state_on_stack;
static void look_at_stack(int signal) {
    (void)signal;
    struct stack_t now;
    sigaltstack(NULL, &now);
    state_on_stack = now.flags;
    answer_on_stack = sigaltstack(&other, NULL);
}

void test_signal_other_stack_in_use(void) {
    make_other_stack();
    WORKS(handle(SIGUSR1, look_at_stack, SA_ONSTACK));
    raise(SIGUSR1);
    SAME(state_on_stack, SS_ONSTACK);
    SAME(answer_on_stack, -EPERM);
}

void test_signal_other_stack_errors(void) {
    struct stack_t small = {0x10000, 0, MINSIGSTKSZ - 1}, odd = {0x10000, 99, 8192}, old;
    WORKS(sigaltstack(NULL, &old));
    SAME(old.flags, SS_DISABLE);
    FAILS(sigaltstack(&small, NULL), ENOMEM);
    FAILS(sigaltstack(&odd, NULL), EINVAL);
    FAILS(sigaltstack((struct stack_t *)kernel_start(), NULL), EFAULT);
    make_other_stack();
    struct stack_t off = {0, SS_DISABLE, 0};
    WORKS(sigaltstack(&off, NULL));
    WORKS(sigaltstack(NULL, &old));
    SAME(old.flags, SS_DISABLE);
}

static void handler_with_bad_stack(void) {
    WORKS(handle(SIGUSR1, note_signal, 0));
    __asm__ volatile(
        "mov $37, %%eax\n mov %0, %%ebx\n mov $10, %%ecx\n mov $0x2000, %%esp\n int $0x80" ::"r"(
            getpid())
        : "eax", "ebx", "ecx", "memory");
    _exit(0);
}

void test_signal_frame_does_not_fit(void) {
    SAME(end_of(handler_with_bad_stack), KILLED(SIGSEGV));
}

static void fault_while_blocked(void) {
    uint64_t mask = signal_bit(SIGSEGV);
    WORKS(handle(SIGSEGV, note_signal, 0));
    WORKS(sigprocmask(SIG_BLOCK, &mask, NULL));
    *words_at(0) = 1;
}
static void fault_while_ignored(void) {
    WORKS(handle(SIGSEGV, SIG_IGN, 0));
    *words_at(0) = 1;
}

void test_signal_fault_is_not_put_off(void) {
    SAME(end_of(fault_while_blocked), KILLED(SIGSEGV));
    SAME(end_of(fault_while_ignored), KILLED(SIGSEGV));
}

static void forged_return(void) {
    __asm__ volatile("mov $0x100, %%esp\n mov $173, %%eax\n int $0x80" ::: "memory");
}
static void forged_kernel_frame(void) {
    static uint32_t frame[200]; /* all zeros: selectors too */
    __asm__ volatile("mov %0, %%esp\n mov $119, %%eax\n int $0x80" ::"r"(frame + 50) : "memory");
}

/* Linux says SIGILL where IRET itself refuses (ILL_BADSTK), SIGSEGV where it sees it before. */
static bool was_refused(void (*body)(void)) {
    int status = end_of(body);
    return status == KILLED(SIGSEGV) || status == KILLED(SIGILL);
}

void test_signal_forged_return_kills(void) {
    CHECK(was_refused(forged_return));
    CHECK(was_refused(forged_kernel_frame));
}

/* A handler that tries to go back into ring 0, with interrupts off and all I/O allowed. */
static void ask_for_ring_0(int signal, struct siginfo *info, struct ucontext *context) {
    (void)signal, (void)info;
    if (caught++) _exit(1);
    context->registers.eflags |= 0x3000;  /* IOPL 3 */
    context->registers.eflags &= ~0x200u; /* IF */
}

static void return_with_flags(void) {
    WORKS(handle_info(SIGUSR1, ask_for_ring_0, 0));
    raise(SIGUSR1);
    uint32_t flags;
    __asm__ volatile("pushf\n pop %0" : "=r"(flags));
    SAME(flags & 0x3200, 0x200);
}

static void ask_for_kernel_code(int signal, struct siginfo *info, struct ucontext *context) {
    (void)signal, (void)info;
    context->registers.cs = 0x8; /* becomes 0xB: no code of ring 3 */
}

static void return_to_kernel_code(void) {
    WORKS(handle_info(SIGUSR1, ask_for_kernel_code, 0));
    raise(SIGUSR1);
}

void test_signal_return_gives_no_rights(void) {
    SAME(end_of(return_with_flags), EXITED(0));
    CHECK(was_refused(return_to_kernel_code));
}

void test_signal_suspend(void) {
    uint64_t mask = signal_bit(SIGUSR1), none = 0, now;
    WORKS(handle(SIGUSR1, note_signal, 0));
    WORKS(sigprocmask(SIG_BLOCK, &mask, NULL));
    raise(SIGUSR1);
    SAME(caught, 0);
    FAILS(sigsuspend(&none), EINTR);
    SAME(caught, 1);
    WORKS(sigprocmask(SIG_SETMASK, NULL, &now));
    SAME(now, mask);
}

/* A child that sends a signal to its parent after a while. */
static int32_t signal_later(int signal, uint32_t milliseconds) {
    int32_t parent = getpid(), child = WORKS(fork());
    if (!child) {
        sleep_ms(milliseconds);
        kill(parent, signal);
        _exit(0);
    }
    return child;
}

void test_signal_pause(void) {
    WORKS(handle(SIGUSR1, note_signal, SA_RESTART));
    signal_later(SIGUSR1, 30);
    FAILS(pause(), EINTR);
    SAME(caught, 1);
}

void test_signal_breaks_read(void) {
    int ends[2];
    char c;
    WORKS(pipe(ends));
    WORKS(handle(SIGUSR1, note_signal, 0));
    signal_later(SIGUSR1, 30);
    FAILS(read(ends[0], &c, 1), EINTR);
    SAME(caught, 1);
}

void test_signal_restarts_read(void) {
    int ends[2];
    char c = 0;
    WORKS(pipe(ends));
    WORKS(handle(SIGUSR1, note_signal, SA_RESTART));
    int32_t parent = getpid(), child = WORKS(fork());
    if (!child) {
        sleep_ms(30);
        kill(parent, SIGUSR1);
        sleep_ms(30);
        SAME(write(ends[1], "y", 1), 1);
        _exit(0);
    }
    SAME(read(ends[0], &c, 1), 1);
    SAME(c, 'y');
    SAME(caught, 1);
}

void test_signal_breaks_sleep(void) {
    struct timespec wanted = {10, 0}, left = {0, 0};
    WORKS(handle(SIGUSR1, note_signal,
                 SA_RESTART)); /* nanosleep() is not restarted after a handler */
    signal_later(SIGUSR1, 30);
    FAILS(nanosleep(&wanted, &left), EINTR);
    CHECK(left.seconds >= 8 && left.seconds < 10);
}

void test_signal_ignored_does_not_break_sleep(void) {
    struct timespec wanted = {0, 100000000}, left = {7, 7};
    signal_later(SIGWINCH, 20);
    SAME(nanosleep(&wanted, &left), 0);
    SAME(left.seconds, 7);
}

void test_signal_breaks_wait(void) {
    WORKS(handle(SIGUSR1, note_signal, 0));
    int32_t sleeper = WORKS(fork());
    if (!sleeper) {
        sleep_ms(5000);
        _exit(0);
    }
    signal_later(SIGUSR1, 30);
    FAILS(waitpid(sleeper, NULL, 0), EINTR);
    WORKS(kill(sleeper, SIGKILL));
}

void test_signal_alarm(void) {
    WORKS(handle(SIGALRM, note_signal, 0));
    SAME(alarm(0) > 0, 1); /* the one of the suite, which is off now */
    SAME(alarm(100), 0);
    SAME(alarm(1), 100);
    FAILS(pause(), EINTR);
    SAME(last_caught, SIGALRM);
}

void test_signal_interval_timer(void) {
    struct itimerval timer = {{0, 20000}, {0, 20000}};
    WORKS(handle(SIGALRM, note_signal, SA_RESTART));
    WORKS(syscall(NR_setitimer, 0, &timer, NULL));
    while (caught < 3) pause();
    timer = (struct itimerval){{0, 0}, {0, 0}};
    WORKS(syscall(NR_setitimer, 0, &timer, NULL));
}

void test_signal_pipe(void) {
    int ends[2];
    WORKS(pipe(ends));
    WORKS(close(ends[0]));
    WORKS(handle(SIGPIPE, note_signal, 0));
    FAILS(write(ends[1], "x", 1), EPIPE);
    SAME(last_caught, SIGPIPE);
    WORKS(handle(SIGPIPE, SIG_IGN, 0));
    FAILS(write(ends[1], "x", 1), EPIPE);
    SAME(caught, 1);
}

void test_signal_to_group(void) {
    int32_t children[3];
    for (int i = 0; i < 3; i++) {
        children[i] = WORKS(fork());
        if (!children[i])
            for (;;) pause();
        setpgid(children[i], children[0]);
    }
    WORKS(kill(-children[0], SIGTERM));
    for (int i = 0; i < 3; i++) SAME(ended(children[i]), KILLED(SIGTERM));
    FAILS(kill(-0x7FFFFF, SIGTERM), ESRCH);
}

/* Process 1 begins in group 0: kill(0, ...) of one that is in it too is about that group, and not about
 * all processes. */
void test_in_group_of_init_signal(void) {
    if (syscall(NR_getpgrp) != 0) skip("not a child of process 1 that has stayed in its group");
    int32_t other = WORKS(fork());
    if (!other) {
        setpgid(0, 0);
        for (;;) pause();
    }
    WORKS(setpgid(other, other));
    WORKS(handle(SIGUSR2, note_signal, 0));
    WORKS(kill(0, SIGUSR2));
    SAME(caught, 1);
    sleep_ms(50);
    SAME(waitpid(other, NULL, WNOHANG), 0); /* it lives */
    WORKS(kill(other, SIGKILL));
    SAME(ended(other), KILLED(SIGKILL));
}

void test_signal_real_time_is_counted(void) {
    uint64_t mask = signal_bit(40);
    WORKS(handle(40, note_signal, 0));
    WORKS(sigprocmask(SIG_BLOCK, &mask, NULL));
    for (int i = 0; i < 3; i++) raise(40);
    WORKS(sigprocmask(SIG_UNBLOCK, &mask, NULL));
    SAME(caught, 3);
}

#define SI_QUEUE (-1)
#define QUEUED_MOST 64u

static int32_t queue_to_self(int signal) {
    static struct {
        int32_t signal, error, code;
        uint32_t rest[29];
    } info = {.code = SI_QUEUE};
    return syscall(NR_rt_sigqueueinfo, getpid(), signal, &info);
}

/* Else one process fills the memory of the kernel. */
void test_signal_queue_has_a_limit(void) {
    const struct rlimit few = {QUEUED_MOST, QUEUED_MOST};
    uint64_t all = ~(uint64_t)0, pending;
    struct rlimit limit;
    WORKS(getrlimit(RLIMIT_SIGPENDING, &limit));
    CHECK(limit.now < 1000000);
    WORKS(setrlimit(RLIMIT_SIGPENDING, &few));
    WORKS(sigprocmask(SIG_BLOCK, &all, NULL));
    uint32_t count = 0;
    int32_t answer;
    while (!(answer = queue_to_self(SIGRTMIN + 1)) && count <= QUEUED_MOST) count++;
    SAME(answer, -EAGAIN);
    CHECK(count > QUEUED_MOST / 2); /* others of this user may have some */
    uint64_t one = signal_bit(SIGRTMIN + 1);
    SAME(syscall(NR_rt_sigtimedwait, &one, NULL, NULL, 8), SIGRTMIN + 1);
    WORKS(queue_to_self(SIGRTMIN + 1));
    WORKS(kill(getpid(), SIGUSR1)); /* always comes */
    WORKS(sigpending(&pending));
    CHECK(pending & signal_bit(SIGUSR1));
}

/* The other thread signals the first one, which has ended, and ends the process. */
static int signal_first_thread(void *unused) {
    (void)unused;
    sleep_ms(5);
    for (int i = 0; i < 900; i++) syscall(NR_tgkill, getpid(), getpid(), SIGRTMIN + 1);
    _exit(0);
}

static void end_before_signals(void) {
    uint64_t all = ~(uint64_t)0;
    sigprocmask(SIG_BLOCK, &all, NULL);
    clone_thread(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, (void *)(map_pages(4) + 4 * PAGE),
                 signal_first_thread, NULL, NULL, NULL, NULL);
    syscall(NR_exit, 0);
}

static uint32_t kilobytes_lost_by_signals(void) {
    uint32_t before = file_number("/proc/meminfo", "MemFree:");
    for (int i = 0; i < 25; i++) SAME(end_of(end_before_signals), EXITED(0));
    uint32_t now = file_number("/proc/meminfo", "MemFree:");
    return now < before ? before - now : 0;
}

/* 22500 signals are more than 2 MB. Others may take memory meanwhile, but not each time. */
void test_signal_to_ended_thread_is_not_kept(void) {
    uint32_t lost = 0;
    for (int tries = 0; tries < 4; tries++) {
        lost = kilobytes_lost_by_signals();
        if (lost < 1024) return;
    }
    SAME(lost, 0);
}

void test_signal_order(void) {
    uint64_t mask = ~(uint64_t)0, none = 0;
    WORKS(handle(SIGUSR1, note_signal, 0));
    WORKS(handle(SIGUSR2, note_signal, 0));
    WORKS(sigprocmask(SIG_SETMASK, &mask, NULL));
    raise(SIGUSR2);
    raise(SIGUSR1);
    WORKS(sigprocmask(SIG_SETMASK, &none, NULL));
    SAME(caught, 2);
    SAME(last_caught, SIGUSR1); /* 10 is put on the stack first, 12 on top of it: it runs first */
}

void test_signal_no_zombies_if_ignored(void) {
    WORKS(handle(SIGCHLD, SIG_IGN, 0));
    int32_t child = WORKS(fork());
    if (!child) _exit(0);
    FAILS(waitpid(child, NULL, 0), ECHILD); /* waits for its end, and has nothing to say */
}

void test_signal_mask_is_inherited(void) {
    uint64_t mask = signal_bit(SIGUSR2), now;
    WORKS(sigprocmask(SIG_SETMASK, &mask, NULL));
    raise(SIGUSR2);
    int32_t child = WORKS(fork());
    if (!child) {
        WORKS(sigprocmask(SIG_SETMASK, NULL, &now));
        SAME(now, mask);
        WORKS(sigpending(&now)); /* what is pending is not */
        SAME(now, 0);
        _exit(0);
    }
    SAME(ended(child), EXITED(0));
}

/* What is waited for comes also if it would be ignored otherwise. */
static int32_t waits_for(int signal) {
    const struct timespec most = {5, 0};
    uint64_t set = signal_bit(signal);
    WORKS(sigprocmask(SIG_BLOCK, &set, NULL));
    int32_t me = getpid(), child = WORKS(fork());
    if (!child) {
        sleep_ms(50);
        if (signal != SIGCHLD) kill(me, signal);
        _exit(0);
    }
    return syscall(NR_rt_sigtimedwait, &set, NULL, &most, 8);
}

void test_sigwait_ignored_by_default(void) {
    SAME(waits_for(SIGCHLD), SIGCHLD);
}

void test_sigwait_ignored(void) {
    WORKS(handle(SIGUSR1, SIG_IGN, 0));
    SAME(waits_for(SIGUSR1), SIGUSR1);
}

void test_restart_of_nothing(void) {
    struct timespec wanted = {5, 0};
    const struct itimerval soon = {{0, 0}, {0, 50000}};
    FAILS(syscall(NR_restart_syscall), EINTR);
    sleep_ms(20);
    FAILS(syscall(NR_restart_syscall), EINTR);
    SAME(poll(NULL, 0, 10), 0);
    FAILS(syscall(NR_restart_syscall), EINTR);
    WORKS(handle(SIGALRM, note_signal, 0));
    WORKS(syscall(NR_setitimer, 0, &soon, NULL));
    FAILS(nanosleep(&wanted, NULL), EINTR);
    FAILS(syscall(NR_restart_syscall), EINTR);
}

void test_signal_other_stack_flags(void) {
    const struct stack_t both = {map_pages(4), SS_ONSTACK | SS_DISABLE, 4 * PAGE};
    FAILS(sigaltstack(&both, NULL), EINVAL);
}
