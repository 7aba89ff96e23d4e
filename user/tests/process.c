/*
 * process.c: fork, vfork, clone, exec, exit and wait.
 */
#include "test.h"

static void exit_0(void) {}
static void exit_42(void) {
    _exit(42);
}

void test_fork_returns_twice(void) {
    int32_t me = getpid(), child = WORKS(fork());
    if (!child) {
        CHECK(getpid() != me);
        SAME(getppid(), me);
        _exit(0);
    }
    CHECK(child != me && child > 0);
    SAME(getpid(), me);
    SAME(ended(child), EXITED(0));
}

void test_fork_many_in_turn(void) {
    for (int i = 0; i < 200; i++) SAME(end_of(exit_0), EXITED(0));
}

void test_fork_many_at_once(void) {
    for (int i = 0; i < 60; i++)
        if (!WORKS(fork())) {
            sleep_ms(20);
            _exit(i);
        }
    uint64_t seen = 0;
    for (int i = 0; i < 60; i++) {
        int status;
        WORKS(waitpid(-1, &status, 0));
        seen |= (uint64_t)1 << (status >> 8);
    }
    SAME(seen, ((uint64_t)1 << 60) - 1);
    FAILS(waitpid(-1, NULL, 0), ECHILD);
}

static void fork_tree(int levels) {
    int32_t children[2];
    for (int i = 0; levels && i < 2; i++) {
        children[i] = WORKS(fork());
        if (!children[i]) {
            fork_tree(levels - 1);
            _exit(0);
        }
    }
    for (int i = 0; levels && i < 2; i++) SAME(ended(children[i]), EXITED(0));
}

void test_fork_tree(void) {
    fork_tree(5);
}

void test_fork_until_limit(void) {
    struct rlimit limit = {40, 40};
    WORKS(syscall(213, 4242)); /* setuid32: the superuser has no such limit */
    WORKS(setrlimit(RLIMIT_NPROC, &limit));
    int32_t count = 0, child = 0;
    while (count < 100 && (child = fork()) > 0) count++;
    if (!child) {
        pause();
        _exit(0);
    }
    SAME(child, -EAGAIN);
    SAME(count, 39);
    handle(SIGTERM, SIG_IGN, 0);
    kill(0, SIGTERM); /* the group of this case */
}

void test_fork_shares_file_offset(void) {
    int fd = make_file("/tmp/fork", 100);
    WORKS(lseek(fd, 10, SEEK_SET));
    int32_t child = WORKS(fork());
    if (!child) {
        char bytes[5];
        SAME(read(fd, bytes, 5), 5);
        _exit(0);
    }
    SAME(ended(child), EXITED(0));
    SAME(lseek(fd, 0, SEEK_CUR), 15);
    WORKS(unlink("/tmp/fork"));
}

void test_fork_registers(void) {
    uint32_t b = 0x11111111, c = 0x22222222, d = 0x33333333, s = 0x44444444, i = 0x55555555, answer;
    __asm__ volatile("int $0x80"
                     : "=a"(answer), "+b"(b), "+c"(c), "+d"(d), "+S"(s), "+D"(i)
                     : "0"(NR_fork)
                     : "memory");
    bool same =
        b == 0x11111111 && c == 0x22222222 && d == 0x33333333 && s == 0x44444444 && i == 0x55555555;
    if (!answer) _exit(same ? 0 : 1);
    CHECK(same);
    SAME(ended((int32_t)answer), EXITED(0));
}

static volatile int shared_by_vfork;

__attribute__((noinline)) static void vfork_and_set(void) {
    int32_t child = vfork();
    if (!child) {
        shared_by_vfork = 7;
        _exit(3);
    }
    SAME(shared_by_vfork, 7); /* the child had this memory, and has ended by now */
    SAME(ended(child), EXITED(3));
}

void test_vfork_shares_memory_and_waits(void) {
    vfork_and_set();
}

__attribute__((noinline)) static void vfork_and_exec(void) {
    char *const argv[] = {"tests", "--role", "exit", "5", NULL};
    int32_t child = vfork();
    if (!child) {
        execve(self, argv, environ);
        _exit(126);
    }
    SAME(ended(child), EXITED(5));
}

void test_vfork_exec(void) {
    vfork_and_exec();
}

/* ---- exec ---- */

static void exec_path(const char *path, int32_t error) {
    char *const argv[] = {"x", NULL};
    FAILS(execve(path, argv, environ), -error);
}

void test_exec_passes_arguments(void) {
    char *const argv[] = {"tests", "--role", "arguments", "", "a b", "\xFF", NULL};
    char *const env[] = {"A=1", "EMPTY=", NULL};
    int32_t child = WORKS(fork());
    if (!child) {
        execve(self, argv, env);
        _exit(126);
    }
    SAME(ended(child), EXITED(0));
}

void test_exec_errors(void) {
    static char long_name[5000];
    memset(long_name, 'a', sizeof long_name - 1);
    exec_path("/nope", -ENOENT);
    exec_path("", -ENOENT);
    exec_path("/tmp", -EACCES);
    exec_path("/dev/null/x", -ENOTDIR);
    exec_path(long_name, -ENAMETOOLONG);
    exec_path((const char *)0, -EFAULT);
    exec_path((const char *)kernel_start(), -EFAULT);
}

void test_exec_not_executable(void) {
    close(make_file("/tmp/exec", 100));
    exec_path("/tmp/exec", -EACCES);
    WORKS(syscall(NR_chmod, "/tmp/exec", 0755));
    exec_path("/tmp/exec", -ENOEXEC);
    WORKS(unlink("/tmp/exec"));
}

void test_exec_empty_file(void) {
    close(make_file("/tmp/exec", 0));
    WORKS(syscall(NR_chmod, "/tmp/exec", 0755));
    exec_path("/tmp/exec", -ENOEXEC);
    WORKS(unlink("/tmp/exec"));
}

/* A copy of this program, with `value` written over 2 bytes at `offset`, is executed. */
static int32_t exec_damaged(uint32_t offset, uint16_t value, uint32_t length) {
    static char buffer[4096];
    int from = WORKS(open(self, O_RDONLY, 0));
    int to = WORKS(open("/tmp/damaged", O_RDWR | O_CREAT | O_TRUNC, 0755));
    int32_t got;
    while ((got = read(from, buffer, sizeof buffer)) > 0) write_all(to, buffer, (size_t)got);
    SAME(pwrite(to, &value, 2, offset), 2);
    if (length) WORKS(ftruncate(to, length));
    close(from);
    close(to);
    char *const argv[] = {"x", "--role", "exit", "9", NULL};
    int32_t child = WORKS(fork());
    if (!child) {
        int32_t error = execve("/tmp/damaged", argv, environ);
        _exit(-error);
    }
    int status = ended(child);
    WORKS(unlink("/tmp/damaged"));
    return status;
}

void test_exec_damaged_elf(void) {
    SAME(exec_damaged(0, 0x457F, 0), EXITED(9));        /* undamaged */
    SAME(exec_damaged(0, 0x1234, 0), EXITED(ENOEXEC));  /* magic */
    SAME(exec_damaged(16, 1, 0), EXITED(ENOEXEC));      /* e_type: relocatable */
    SAME(exec_damaged(18, 62, 0), EXITED(ENOEXEC));     /* e_machine: x86-64 */
    SAME(exec_damaged(42, 7, 0), EXITED(ENOEXEC));      /* e_phentsize */
    SAME(exec_damaged(44, 0, 0), EXITED(ENOEXEC));      /* e_phnum */
    SAME(exec_damaged(0, 0x457F, 40), EXITED(ENOEXEC)); /* cut in the ELF header */
}

void test_exec_keeps_pid_and_descriptors(void) {
    char text[16];
    int ends[2];
    WORKS(pipe(ends));
    int32_t child = WORKS(fork());
    if (!child) {
        format(text, sizeof text, "%d", ends[1]);
        char *const argv[] = {"tests", "--role", "write-pid", text, NULL};
        execve(self, argv, environ);
        _exit(126);
    }
    int32_t pid = 0;
    SAME(read(ends[0], &pid, 4), 4);
    SAME(pid, child);
    SAME(ended(child), EXITED(0));
}

void test_exec_closes_cloexec(void) {
    char text[16];
    int fd = WORKS(open("/dev/null", O_RDONLY | O_CLOEXEC, 0)), kept = WORKS(dup(fd));
    format(text, sizeof text, "%d", fd);
    SAME(end_of_role("fd-is-open", text), EXITED(1));
    format(text, sizeof text, "%d", kept);
    SAME(end_of_role("fd-is-open", text), EXITED(0));
}

void test_exec_resets_handlers_keeps_ignored(void) {
    handle(SIGUSR1, note_signal, 0);
    handle(SIGUSR2, SIG_IGN, 0);
    uint64_t mask = signal_bit(SIGTERM);
    WORKS(sigprocmask(SIG_SETMASK, &mask, NULL));
    SAME(end_of_role("signals-after-exec", ""), EXITED(0));
}

void test_exec_script(void) {
    char script[300];
    int fd = WORKS(open("/tmp/script", O_RDWR | O_CREAT | O_TRUNC, 0755));
    size_t length = format(script, sizeof script, "#! %s --role-of-script\nrest\n", self);
    if (self[0] != '/') skip("needs its whole path");
    write_all(fd, script, length);
    close(fd);
    char *const argv[] = {"gone", "one", "two", NULL};
    int32_t child = WORKS(fork());
    if (!child) {
        execve("/tmp/script", argv, environ);
        _exit(126);
    }
    SAME(ended(child), EXITED(21)); /* roles.c: tests --role-of-script /tmp/script one two */
    WORKS(unlink("/tmp/script"));
}

void test_exec_script_without_interpreter(void) {
    int fd = WORKS(open("/tmp/script", O_RDWR | O_CREAT | O_TRUNC, 0755));
    write_all(fd, "#!/nope/sh\n", 11);
    close(fd);
    exec_path("/tmp/script", -ENOENT);
    fd = WORKS(open("/tmp/script", O_RDWR | O_TRUNC, 0755));
    write_all(fd, "#!\n", 3);
    close(fd);
    exec_path("/tmp/script", -ENOEXEC);
    WORKS(unlink("/tmp/script"));
}

void test_exec_big_arguments(void) {
    static char big[100001];
    memset(big, 'x', 100000);
    char *const argv[] = {"tests", "--role", "length", big, NULL};
    int32_t child = WORKS(fork());
    if (!child) {
        execve(self, argv, environ);
        _exit(126);
    }
    SAME(ended(child), EXITED(100000 % 251));
}

void test_exec_arguments_too_big(void) {
    static char big[131073]; /* MAX_ARG_STRLEN is 32 pages, with the NUL */
    memset(big, 'x', 131072);
    char *const argv[] = {"tests", "--role", "exit", "9", big, NULL};
    FAILS(execve(self, argv, environ), E2BIG);
}

void test_exec_bad_argument_pointers(void) {
    char *const inner[] = {"tests", (char *)kernel_start(), NULL};
    FAILS(execve(self, (char *const *)0x1000, environ), EFAULT);
    FAILS(execve(self, inner, environ), EFAULT);
    FAILS(execve(self, (char *const[]){"x", NULL}, (char *const *)0x1000), EFAULT);
}

void test_exec_auxiliary_vector(void) {
    SAME(aux_value(AT_PAGESZ), 4096);
    SAME(aux_value(AT_PHENT), 32);
    SAME(aux_value(AT_CLKTCK), 100);
    SAME(aux_value(AT_SECURE), 0);
    SAME(aux_value(AT_UID), syscall(NR_getuid32));
    CHECK(aux_value(AT_PHDR) && aux_value(AT_PHNUM) >= 2 && aux_value(AT_ENTRY));
    CHECK(aux_value(AT_RANDOM) && !is_error((uint32_t)try_read(aux_value(AT_RANDOM) + 15)));
    CHECK(aux_value(AT_HWCAP) & 1); /* FPU */
    CHECK(*(const char *)aux_value(AT_PLATFORM) == 'i');
    SAME(strcmp((const char *)aux_value(AT_EXECFN), self), 0);
}

void test_exec_entry_state(void) {
    SAME(end_of_role("entry-state", ""), EXITED(0));
}

void test_exec_random_differs(void) {
    int ends[2];
    uint32_t first[5], second[5];
    WORKS(pipe(ends));
    char text[8];
    format(text, sizeof text, "%d", ends[1]);
    SAME(end_of_role("write-random", text), EXITED(0));
    SAME(end_of_role("write-random", text), EXITED(0));
    SAME(read(ends[0], first, 20), 20);
    SAME(read(ends[0], second, 20), 20);
    CHECK(memcmp(first, second, 16) != 0); /* AT_RANDOM */
}

/* ---- wait ---- */

void test_wait_status(void) {
    SAME(end_of(exit_42), EXITED(42));
    SAME(end_of_role("exit", "255"), EXITED(255));
    SAME(end_of_role("exit", "256"), EXITED(0));
}

void test_wait_no_children(void) {
    FAILS(waitpid(-1, NULL, 0), ECHILD);
    FAILS(waitpid(1, NULL, 0), ECHILD);
    FAILS(waitpid(getpid(), NULL, 0), ECHILD);
}

void test_wait_no_hang(void) {
    int ends[2];
    WORKS(pipe(ends));
    int32_t child = WORKS(fork());
    if (!child) {
        char c;
        read(ends[0], &c, 1);
        _exit(1);
    }
    SAME(waitpid(child, NULL, WNOHANG), 0);
    SAME(write(ends[1], "x", 1), 1);
    SAME(ended(child), EXITED(1));
    FAILS(waitpid(child, NULL, WNOHANG), ECHILD);
}

void test_wait_bad_options(void) {
    FAILS(waitpid(-1, NULL, 0x100), EINVAL);
}

void test_wait_bad_pointer(void) {
    int32_t child = WORKS(fork());
    if (!child) _exit(0);
    FAILS(waitpid(child, (int *)kernel_start(), 0), EFAULT);
}

void test_wait_killed(void) {
    int32_t child = WORKS(fork());
    if (!child) {
        pause();
        _exit(0);
    }
    WORKS(kill(child, SIGTERM));
    SAME(ended(child), KILLED(SIGTERM));
    FAILS(kill(child, SIGTERM), ESRCH);
}

void test_wait_stopped_and_continued(void) {
    int status;
    int32_t child = WORKS(fork());
    if (!child)
        for (;;) pause();
    WORKS(kill(child, SIGSTOP));
    SAME(waitpid(child, &status, WUNTRACED), child);
    SAME(status, SIGSTOP << 8 | 0x7F);
    WORKS(kill(child, SIGCONT));
    SAME(waitpid(child, &status, WCONTINUED), child);
    SAME(status, 0xFFFF);
    WORKS(kill(child, SIGKILL));
    SAME(ended(child), KILLED(SIGKILL));
}

void test_wait_stopped_process_can_be_killed(void) {
    int32_t child = WORKS(fork());
    if (!child)
        for (;;) pause();
    WORKS(kill(child, SIGSTOP));
    SAME(waitpid(child, NULL, WUNTRACED), child);
    WORKS(kill(child, SIGKILL));
    SAME(ended(child), KILLED(SIGKILL));
}

void test_wait_for_group(void) {
    int32_t other = WORKS(fork());
    if (!other) {
        setpgid(0, 0);
        _exit(1);
    }
    setpgid(other, other);
    int32_t own = WORKS(fork());
    if (!own) _exit(2);
    int status;
    SAME(waitpid(-other, &status, 0), other);
    SAME(status, EXITED(1));
    SAME(waitpid(0, &status, 0), own);
    SAME(status, EXITED(2));
}

void test_wait_usage_counts_faults(void) {
    struct rusage usage;
    int32_t child = WORKS(fork());
    if (!child) {
        uint32_t at = map_pages(50);
        for (uint32_t i = 0; i < 50; i++) *bytes_at(at + i * PAGE) = 1;
        _exit(0);
    }
    SAME(wait4(child, NULL, 0, &usage), child);
    CHECK(usage.minor_faults >= 50 && usage.minor_faults < 150);
    struct rusage all;
    WORKS(getrusage(RUSAGE_CHILDREN, &all));
    CHECK(all.minor_faults >= usage.minor_faults);
}

void test_waitid(void) {
    struct siginfo info;
    int32_t child = WORKS(fork());
    if (!child) _exit(7);
    memset(&info, 0, sizeof info);
    WORKS(syscall(NR_waitid, P_PID, child, &info, WEXITED | WNOWAIT, NULL));
    SAME(info.signal, SIGCHLD);
    SAME(info.code, CLD_EXITED);
    SAME(info.process.pid, child);
    SAME(info.process.status, 7);
    SAME(ended(child), EXITED(7)); /* it was left there */
}

void test_orphan_gets_new_parent(void) {
    int ends[2];
    WORKS(pipe(ends));
    int32_t child = WORKS(fork());
    if (!child) {
        int32_t parent = getpid();
        if (!WORKS(fork())) {
            while (getppid() == parent) sleep_ms(5);
            SAME(write(ends[1], "x", 1), 1);
            _exit(0);
        }
        _exit(0);
    }
    SAME(ended(child), EXITED(0));
    char c;
    SAME(read(ends[0], &c, 1), 1);
}

void test_zombie_is_seen_until_waited(void) {
    char path[64], line[256];
    int32_t child = WORKS(fork());
    if (!child) _exit(0);
    format(path, sizeof path, "/proc/%d/stat", child);
    for (int i = 0; i < 200; i++) {
        WORKS(read_file(path, line, sizeof line));
        if (strstr(line, ") Z ")) break;
        sleep_ms(5);
    }
    CHECK(strstr(line, ") Z ") != NULL);
    SAME(ended(child), EXITED(0));
    FAILS(read_file(path, line, sizeof line), ENOENT);
}

void test_exit_closes_files(void) {
    int ends[2];
    WORKS(pipe(ends));
    int32_t child = WORKS(fork());
    if (!child) _exit(0);
    WORKS(close(ends[1]));
    char c;
    SAME(read(ends[0], &c, 1), 0); /* nobody has the other end any more */
    SAME(ended(child), EXITED(0));
}

void test_sessions_and_groups(void) {
    int32_t child = WORKS(fork());
    if (!child) {
        SAME(setsid(), getpid());
        SAME(syscall(NR_getsid, 0), getpid());
        SAME(syscall(NR_getpgrp), getpid());
        FAILS(setsid(), EPERM);
        FAILS(setpgid(0, 0), EPERM);
        _exit(0);
    }
    SAME(ended(child), EXITED(0));
    FAILS(setpgid(0, -1), EINVAL);
    FAILS(setpgid(0x7FFFFF, 0), ESRCH);
    FAILS(syscall(NR_getpgid, 0x7FFFFF), ESRCH);
}

void test_unknown_system_call(void) {
    FAILS(syscall(500), ENOSYS);
    FAILS(syscall(0x7FFFFFFF), ENOSYS);
    FAILS(syscall(-1), ENOSYS);
}

void test_socket_is_refused_cleanly(void) {
    FAILS(syscall(NR_socket, 45, 1, 0), EAFNOSUPPORT);
}

/* Descriptors that are shared with another process: what execve() closes it has open still. */
void test_exec_leaves_shared_files(void) {
    char *const argv[] = {"tests", "--role", "none", NULL};
    int ends[2];
    WORKS(pipe2(ends, O_CLOEXEC));
    int32_t child = WORKS(syscall(NR_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0));
    if (!child) {
        execve(self, argv, environ);
        _exit(126);
    }
    ended(child);
    SAME(write(ends[1], "x", 1), 1);
}

static void wait_for_death_of_parent(int answer) {
    WORKS(handle(SIGUSR1, note_signal, 0));
    WORKS(syscall(NR_prctl, PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0));
    write(answer, "r", 1);
    for (int i = 0; i < 100 && !caught; i++) sleep_ms(10);
    write(answer, caught ? "y" : "n", 1);
    _exit(0);
}

void test_death_of_parent(void) {
    int ends[2], wanted = -1;
    char c;
    WORKS(pipe(ends));
    int32_t parent = WORKS(fork());
    if (!parent) {
        if (!WORKS(fork())) wait_for_death_of_parent(ends[1]);
        _exit(read(ends[0], &c, 1) != 1);
    }
    SAME(ended(parent), EXITED(0));
    SAME(read(ends[0], &c, 1), 1);
    SAME(c, 'y');
    FAILS(syscall(NR_prctl, PR_SET_PDEATHSIG, 65, 0, 0, 0), EINVAL);
    WORKS(syscall(NR_prctl, PR_GET_PDEATHSIG, &wanted, 0, 0, 0));
    SAME(wanted, 0);
}
