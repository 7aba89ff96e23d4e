/*
 * threads.c: clone(), thread-local storage, futexes, and the FPU of each task.
 */
#include "test.h"

#define THREAD_FLAGS \
    (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)

static volatile uint32_t shared, tid_of_child, done;

static void *new_stack(void) {
    return (void *)(map_pages(16) + 16 * PAGE);
}

static int set_shared(void *argument) {
    shared = (uint32_t)argument;
    done = 1;
    futex(&done, FUTEX_WAKE, 1, NULL);
    return 0;
}

static void wait_until(volatile uint32_t *word) {
    while (!*word) futex(word, FUTEX_WAIT, 0, NULL);
}

void test_clone_thread(void) {
    WORKS(clone_thread(THREAD_FLAGS, new_stack(), set_shared, (void *)77, NULL, NULL, NULL));
    wait_until(&done);
    SAME(shared, 77);
}

static int tell_ids(void *argument) {
    uint32_t *ids = argument;
    ids[0] = (uint32_t)getpid();
    ids[1] = (uint32_t)gettid();
    ids[2] = (uint32_t)getppid();
    done = 1;
    futex(&done, FUTEX_WAKE, 1, NULL);
    return 0;
}

void test_clone_thread_ids(void) {
    static uint32_t ids[3], told;
    int32_t tid = WORKS(clone_thread(THREAD_FLAGS | CLONE_PARENT_SETTID, new_stack(), tell_ids, ids,
                                     &told, NULL, NULL));
    wait_until(&done);
    SAME(ids[0], getpid());
    SAME(ids[1], tid);
    SAME(ids[2], getppid());
    SAME(told, tid);
    CHECK(tid != getpid());
}

static int sleep_a_bit(void *argument) {
    (void)argument;
    sleep_ms(20);
    return 0;
}

void test_clone_child_cleartid(void) {
    tid_of_child = 1;
    WORKS(clone_thread(THREAD_FLAGS | CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID, new_stack(),
                       sleep_a_bit, NULL, NULL, NULL, &tid_of_child));
    for (uint32_t tid; (tid = tid_of_child);) futex(&tid_of_child, FUTEX_WAIT, tid, NULL);
    SAME(tid_of_child, 0); /* and the kernel has woken us */
}

void test_clone_errors(void) {
    FAILS(syscall(NR_clone, CLONE_THREAD, 0, 0, 0, 0), EINVAL);  /* needs SIGHAND */
    FAILS(syscall(NR_clone, CLONE_SIGHAND, 0, 0, 0, 0), EINVAL); /* needs VM */
}

void test_clone_without_flags_is_fork(void) {
    int32_t child = WORKS(syscall(NR_clone, SIGCHLD, 0, 0, 0, 0));
    if (!child) _exit(6);
    SAME(ended(child), EXITED(6));
}

static int open_null(void *argument) {
    (void)argument;
    shared = (uint32_t)open("/dev/null", O_RDONLY, 0);
    done = 1;
    futex(&done, FUTEX_WAKE, 1, NULL);
    return 0;
}

/* As glibc's fork() does it: the word is in the child's copy of the memory. */
void test_clone_child_settid(void) {
    static volatile uint32_t id;
    int32_t child = WORKS(syscall(NR_clone, CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, 0, 0, 0,
                                  (uint32_t)&id));
    if (!child) _exit(id == (uint32_t)gettid() ? 0 : 1);
    SAME(ended(child), EXITED(0));
    SAME(id, 0);
}

void test_clone_files_are_shared(void) {
    WORKS(clone_thread(THREAD_FLAGS, new_stack(), open_null, NULL, NULL, NULL, NULL));
    wait_until(&done);
    SAME(fcntl((int)shared, F_GETFD, 0), 0);
}

static int exit_all(void *argument) {
    (void)argument;
    sleep_ms(10);
    syscall(NR_exit_group, 55);
    return 0;
}

static void start_and_pause(void) {
    WORKS(clone_thread(THREAD_FLAGS, new_stack(), exit_all, NULL, NULL, NULL, NULL));
    for (;;) pause();
}

void test_exit_group_ends_all_threads(void) {
    SAME(end_of(start_and_pause), EXITED(55));
}

static int fault_in_thread(void *argument) {
    (void)argument;
    *words_at(0) = 1;
    return 0;
}

static void start_faulting(void) {
    WORKS(clone_thread(THREAD_FLAGS, new_stack(), fault_in_thread, NULL, NULL, NULL, NULL));
    for (;;) pause();
}

void test_fault_ends_all_threads(void) {
    SAME(end_of(start_faulting), KILLED(SIGSEGV));
}

static int map_in_thread(void *argument) {
    (void)argument;
    shared = map_pages(1);
    *words_at(shared) = 99;
    done = 1;
    futex(&done, FUTEX_WAKE, 1, NULL);
    return 0;
}

void test_clone_memory_is_shared(void) {
    WORKS(clone_thread(THREAD_FLAGS, new_stack(), map_in_thread, NULL, NULL, NULL, NULL));
    wait_until(&done);
    SAME(*words_at(shared), 99);
}

/* ---- thread-local storage ---- */

static uint32_t read_gs(void) {
    uint32_t value;
    __asm__ volatile("mov %%gs:0, %0" : "=r"(value));
    return value;
}

static uint32_t set_tls(uint32_t base, uint32_t entry) {
    struct user_desc it = {.entry = entry,
                           .base = base,
                           .limit = 0xFFFFF,
                           .seg_32bit = 1,
                           .limit_in_pages = 1,
                           .useable = 1};
    WORKS(syscall(NR_set_thread_area, &it));
    __asm__ volatile("mov %0, %%gs" ::"r"(it.entry << 3 | 3));
    return it.entry;
}

void test_tls(void) {
    static uint32_t block = 0xCAFE, block2 = 0xBEEF;
    uint32_t entry = set_tls((uint32_t)&block, 0xFFFFFFFF);
    SAME(read_gs(), 0xCAFE);
    set_tls((uint32_t)&block2, entry);
    SAME(read_gs(), 0xBEEF);
}

void test_tls_survives_switches_and_fork(void) {
    static uint32_t one = 1, two = 2;
    uint32_t entry = set_tls((uint32_t)&one, 0xFFFFFFFF);
    int32_t child = WORKS(fork());
    if (!child) {
        SAME(read_gs(), 1);
        set_tls((uint32_t)&two, entry);
        for (int i = 0; i < 50; i++) {
            SAME(read_gs(), 2);
            sched_yield();
        }
        _exit(0);
    }
    for (int i = 0; i < 50; i++) {
        SAME(read_gs(), 1);
        sched_yield();
    }
    SAME(ended(child), EXITED(0));
}

void test_tls_errors(void) {
    struct user_desc it = {.entry = 1, .base = 0, .limit = 0xFFFFF, .seg_32bit = 1, .useable = 1};
    FAILS(syscall(NR_set_thread_area, &it), EINVAL);
    it.entry = 0xFFFFFFFF;
    for (int i = 0; i < 3; i++) {
        WORKS(syscall(NR_set_thread_area, &it)); /* three there are */
        it.entry = 0xFFFFFFFF;
    }
    FAILS(syscall(NR_set_thread_area, &it), ESRCH);
}

static int read_tls_in_thread(void *argument) {
    (void)argument;
    shared = read_gs();
    done = 1;
    futex(&done, FUTEX_WAKE, 1, NULL);
    return 0;
}

void test_tls_of_clone(void) {
    static uint32_t mine = 10, theirs = 20;
    uint32_t entry = set_tls((uint32_t)&mine, 0xFFFFFFFF);
    struct user_desc it = {.entry = entry,
                           .base = (uint32_t)&theirs,
                           .limit = 0xFFFFF,
                           .seg_32bit = 1,
                           .limit_in_pages = 1,
                           .useable = 1};
    WORKS(clone_thread(THREAD_FLAGS | CLONE_SETTLS, new_stack(), read_tls_in_thread, NULL, NULL,
                       &it, NULL));
    wait_until(&done);
    SAME(shared, 20);
    SAME(read_gs(), 10);
}

/* ---- futex ---- */

void test_futex_value_differs(void) {
    uint32_t word = 5;
    FAILS(futex(&word, FUTEX_WAIT, 4, NULL), EAGAIN);
}

void test_futex_times_out(void) {
    uint32_t word = 5;
    struct timespec bit = {0, 20000000};
    FAILS(futex(&word, FUTEX_WAIT, 5, &bit), ETIMEDOUT);
    FAILS(futex(&word, FUTEX_WAIT | FUTEX_PRIVATE, 5, &bit), ETIMEDOUT);
}

void test_futex_nobody_to_wake(void) {
    uint32_t word = 5;
    SAME(futex(&word, FUTEX_WAKE, 10, NULL), 0);
}

void test_futex_errors(void) {
    uint32_t words[2] = {0, 0};
    FAILS(futex((uint32_t *)((uint32_t)words + 1), FUTEX_WAIT, 0, NULL), EINVAL);
    FAILS(futex((uint32_t *)kernel_start(), FUTEX_WAIT, 0, NULL), EFAULT);
    FAILS(futex((uint32_t *)0x1000, FUTEX_WAIT, 0, NULL), EFAULT);
    FAILS(futex(words, 99, 0, NULL), ENOSYS);
}

void test_futex_between_processes(void) {
    volatile uint32_t *word =
        words_at(WORKS(mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)));
    int32_t child = WORKS(fork());
    if (!child) {
        while (!*word) futex(word, FUTEX_WAIT, 0, NULL);
        _exit((int)*word);
    }
    sleep_ms(30);
    *word = 3;
    SAME(futex(word, FUTEX_WAKE, 10, NULL), 1);
    SAME(ended(child), EXITED(3));
}

static volatile uint32_t lock, counter, finished;

static int count_with_lock(void *argument) {
    (void)argument;
    for (int i = 0; i < 2000; i++) {
        while (__sync_lock_test_and_set(&lock, 1)) futex(&lock, FUTEX_WAIT, 1, NULL);
        uint32_t seen = counter;
        if (i % 500 == 0) sched_yield();
        counter = seen + 1;
        __sync_lock_release(&lock);
        futex(&lock, FUTEX_WAKE, 1, NULL);
    }
    __sync_fetch_and_add(&finished, 1);
    futex(&finished, FUTEX_WAKE, 1, NULL);
    return 0;
}

void test_futex_lock(void) {
    for (int n = 0; n < 4; n++)
        WORKS(clone_thread(THREAD_FLAGS, new_stack(), count_with_lock, NULL, NULL, NULL, NULL));
    for (uint32_t now; (now = finished) < 4;) futex(&finished, FUTEX_WAIT, now, NULL);
    SAME(counter, 8000);
}

/* ---- the FPU ---- */

void test_fpu_is_each_ones_own(void) {
    int32_t children[3];
    for (int n = 0; n < 3; n++) {
        children[n] = WORKS(fork());
        if (children[n]) continue;
        double mine = n + 0.5;
        __asm__ volatile("fninit\n fldl %0" ::"m"(mine));
        for (int i = 0; i < 100; i++) {
            syscall(NR_sched_yield);
            for (volatile int j = 0; j < 1000; j++) continue;
        }
        double back = 0;
        __asm__ volatile("fstpl %0" : "=m"(back));
        _exit(memcmp(&back, &mine, 8) != 0);
    }
    for (int n = 0; n < 3; n++) SAME(ended(children[n]), EXITED(0));
}

void test_fpu_is_clean_at_start(void) {
    uint16_t control, status;
    __asm__ volatile("fnstcw %0\n fnstsw %1" : "=m"(control), "=m"(status));
    SAME(control, 0x37F);
    SAME(status & 0x3FFF, 0);
}

void test_fpu_fork_copies(void) {
    double value = 3.75, back = 0;
    __asm__ volatile("fninit\n fldl %0" ::"m"(value));
    int32_t child = syscall(NR_fork);
    __asm__ volatile("fstpl %0" : "=m"(back));
    if (!child) _exit(memcmp(&back, &value, 8) != 0);
    SAME(ended(child), EXITED(0));
    CHECK(!memcmp(&back, &value, 8));
}

/* ---- time and scheduling ---- */

void test_two_loops_share_the_processor(void) {
    volatile uint32_t *counts =
        words_at(WORKS(mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)));
    int32_t children[2];
    for (int n = 0; n < 2; n++) {
        children[n] = WORKS(fork());
        if (!children[n])
            for (;;) counts[n]++; /* never gives the processor away */
    }
    sleep_ms(300);
    for (int n = 0; n < 2; n++) {
        WORKS(kill(children[n], SIGKILL));
        SAME(ended(children[n]), KILLED(SIGKILL));
        CHECK(counts[n] > 0);
    }
}

void test_clock_moves_forward(void) {
    struct timespec last, now;
    WORKS(clock_gettime(CLOCK_MONOTONIC, &last));
    for (int i = 0; i < 1000; i++) {
        WORKS(clock_gettime(CLOCK_MONOTONIC, &now));
        CHECK(now.seconds > last.seconds ||
              (now.seconds == last.seconds && now.nanoseconds >= last.nanoseconds));
        CHECK(now.nanoseconds >= 0 && now.nanoseconds < 1000000000);
        last = now;
    }
    FAILS(clock_gettime(99, &now), EINVAL);
}

void test_clock_gettime64(void) {
    struct timespec64 now;
    struct timespec old;
    WORKS(syscall(NR_clock_gettime64, CLOCK_REALTIME, &now));
    WORKS(clock_gettime(CLOCK_REALTIME, &old));
    CHECK(old.seconds - now.seconds <= 1 && now.seconds > 1500000000);
}

void test_sleep_errors(void) {
    struct timespec bad = {0, 1000000000}, negative = {-1, 0};
    FAILS(nanosleep(&bad, NULL), EINVAL);
    FAILS(nanosleep(&negative, NULL), EINVAL);
}

void test_sleep_lasts(void) {
    struct timespec before, after;
    WORKS(clock_gettime(CLOCK_MONOTONIC, &before));
    sleep_ms(50);
    WORKS(clock_gettime(CLOCK_MONOTONIC, &after));
    int32_t ms = (after.seconds - before.seconds) * 1000 +
                 (after.nanoseconds - before.nanoseconds) / 1000000;
    CHECK(ms >= 50);
}

void test_robust_list_of_others(void) {
    uint32_t head, bytes;
    WORKS(syscall(NR_get_robust_list, 0, &head, &bytes));
    WORKS(syscall(NR_get_robust_list, getppid(), &head, &bytes)); /* the superuser may */
    FAILS(syscall(NR_get_robust_list, 0x7FFFFF, &head, &bytes), ESRCH);
    WORKS(syscall(213, 1000)); /* setuid32 */
    WORKS(syscall(NR_get_robust_list, 0, &head, &bytes));
    FAILS(syscall(NR_get_robust_list, getppid(), &head, &bytes), EPERM);
}

void test_membarrier(void) {
    WORKS(syscall(NR_membarrier, 0, 0, 0)); /* which kinds there are */
    FAILS(syscall(NR_membarrier, 0, 1, 0), EINVAL);
    FAILS(syscall(NR_membarrier, 1 << 30, 0, 0), EINVAL);
}

/* ---- vfork() that never gets to its end ---- */

static int execute_exit_5(void *unused) {
    char *const argv[] = {"tests", "--role", "exit", "5", NULL};
    (void)unused;
    execve(self, argv, environ);
    return 126;
}

static int wait_for_ever(void *unused) {
    (void)unused;
    while (true) pause();
    return 0;
}

/* How a child ends within two seconds; -1: it is still there. */
static int end_soon(int32_t child) {
    int status = -1;
    for (int tries = 0; tries < 200 && !WORKS(waitpid(child, &status, WNOHANG)); tries++) sleep_ms(10);
    return status;
}

/* The one waits for the other to execute a program, that one in execve() for this one to end. */
void test_exec_in_thread_of_vfork(void) {
    int32_t child = WORKS(fork());
    if (!child) {
        clone_thread(THREAD_FLAGS | CLONE_VFORK, new_stack(), execute_exit_5, NULL, NULL, NULL, NULL);
        _exit(1);
    }
    SAME(end_soon(child), EXITED(5));
}

/* One of them gets through, and ends the others. */
void test_exec_in_several_threads(void) {
    for (int round = 0; round < 10; round++) {
        int32_t child = WORKS(fork());
        if (!child) {
            for (int i = 0; i < 4; i++)
                WORKS(clone_thread(THREAD_FLAGS, new_stack(), execute_exit_5, NULL, NULL, NULL, NULL));
            execute_exit_5(NULL);
        }
        SAME(end_soon(child), EXITED(5));
    }
}

void test_kill_while_in_vfork(void) {
    int32_t child = WORKS(fork());
    if (!child) {
        clone_thread(CLONE_VM | CLONE_VFORK | SIGCHLD, new_stack(), wait_for_ever, NULL, NULL, NULL, NULL);
        _exit(1);
    }
    sleep_ms(50);
    WORKS(kill(child, SIGKILL));
    SAME(end_soon(child), KILLED(SIGKILL));
}

/* ---- an error of the FPU that is pending: the next instruction of the FPU would report it ---- */

static void leave_fpu_error(void) {
    const uint16_t control = 0x0360; /* errors are not masked */
    __asm__ volatile("fninit; fldcw %0; fldz; fld1; fdivp" : : "m"(control));
}

static void use_fpu(void) {
    __asm__ volatile("fld1; fstp %st(0); fwait");
}

void test_fpu_error_goes_with_its_process(void) {
    for (int i = 0; i < 3; i++) {
        SAME(end_of(leave_fpu_error), EXITED(0));
        SAME(end_of(use_fpu), EXITED(0));
    }
}

static void leave_fpu_error_in_handler(int signal) {
    (void)signal;
    leave_fpu_error();
}

void test_fpu_error_goes_with_its_handler(void) {
    use_fpu();
    WORKS(handle(SIGUSR1, leave_fpu_error_in_handler, 0));
    WORKS(kill(getpid(), SIGUSR1));
    use_fpu();
}

/* With a time it is as a sleep: not made again after a handler, and not longer after a stop. */
void test_futex_timeout_and_handler(void) {
    static uint32_t word;
    const struct timespec most = {0, 300000000};
    const struct itimerval soon = {{0, 0}, {0, 50000}};
    WORKS(handle(SIGALRM, note_signal, SA_RESTART));
    WORKS(syscall(NR_setitimer, 0, &soon, NULL));
    FAILS(futex(&word, FUTEX_WAIT, 0, &most), EINTR);
}

static int32_t child_in(void (*body)(void)) {
    int32_t child = WORKS(fork());
    if (!child) {
        body();
        _exit(0);
    }
    return child;
}

static void wait_300_ms(void) {
    static uint32_t word;
    struct timespec before, after;
    WORKS(clock_gettime(CLOCK_MONOTONIC, &before));
    FAILS(futex(&word, FUTEX_WAIT, 0, &(struct timespec){0, 300000000}), ETIMEDOUT);
    WORKS(clock_gettime(CLOCK_MONOTONIC, &after));
    int32_t ms = (after.seconds - before.seconds) * 1000 +
                 (after.nanoseconds - before.nanoseconds) / 1000000;
    CHECK(ms >= 300 && ms < 450);
}

void test_futex_goes_on_after_a_stop(void) {
    int32_t child = child_in(wait_300_ms);
    sleep_ms(100);
    WORKS(kill(child, SIGSTOP));
    sleep_ms(100);
    WORKS(kill(child, SIGCONT));
    SAME(ended(child), EXITED(0));
}
