/*
 * system.c: /proc, limits, the terminal, and what the system says of itself.
 */
#include "test.h"

void test_uname(void) {
    struct utsname it;
    WORKS(syscall(NR_uname, &it));
    CHECK(it.machine[0] == 'i' && !strcmp(it.machine + 2, "86"));
    CHECK(it.system[0] && it.release[0] >= '0' && it.release[0] <= '9');
}

void test_sysinfo(void) {
    struct sysinfo it;
    WORKS(syscall(NR_sysinfo, &it));
    CHECK(it.unit >= 1 && it.total_ram > it.free_ram && it.free_ram > 0);
    CHECK(it.processes >= 2);
}

void test_limits(void) {
    struct rlimit limit;
    WORKS(getrlimit(RLIMIT_STACK, &limit));
    SAME(limit.now, 8 << 20);
    limit.now = limit.most = 1 << 20;
    WORKS(setrlimit(RLIMIT_STACK, &limit));
    limit.now = 2 << 20;
    FAILS(setrlimit(RLIMIT_STACK, &limit), EINVAL); /* more than its most */
    FAILS(getrlimit(99, &limit), EINVAL);
    uint64_t both[2];
    WORKS(syscall(NR_prlimit64, 0, RLIMIT_STACK, NULL, both));
    SAME(both[0], 1 << 20);
    FAILS(syscall(NR_prlimit64, 0x7FFFFF, RLIMIT_STACK, NULL, both), ESRCH);
}

void test_limits_only_root_raises(void) {
    struct rlimit limit = {100, 100};
    WORKS(setrlimit(RLIMIT_NOFILE, &limit));
    WORKS(syscall(213, 1000)); /* setuid32 */
    limit.most = 200;
    FAILS(setrlimit(RLIMIT_NOFILE, &limit), EPERM);
    FAILS(syscall(213, 0), EPERM);
}

void test_getrusage_errors(void) {
    struct rusage usage;
    FAILS(getrusage(99, &usage), EINVAL);
    WORKS(getrusage(RUSAGE_SELF, &usage));
    CHECK(usage.user.microseconds < 1000000 && usage.system.microseconds < 1000000);
}

void test_process_name(void) {
    char name[16];
    WORKS(syscall(NR_prctl, 15, "a name of more than 15")); /* PR_SET_NAME */
    WORKS(syscall(NR_prctl, 16, name));
    CHECK(!strcmp(name, "a name of more "));
}

/* ---- /proc ---- */

static char text[32768];

void test_proc_self(void) {
    char target[32], want[32];
    int32_t length = WORKS(readlink("/proc/self", target, 31));
    target[length] = 0;
    format(want, sizeof want, "%d", getpid());
    CHECK(!strcmp(target, want));
}

void test_proc_exe(void) {
    char path[256];
    int32_t length = WORKS(readlink("/proc/self/exe", path, 255));
    path[length] = 0;
    size_t own = strlen(self);
    CHECK((size_t)length >= own && !strcmp(path + length - own, self));
}

void test_proc_stat(void) {
    WORKS(read_file("/proc/self/stat", text, sizeof text));
    SAME(parse_number(text, 10), getpid());
    const char *at = strchr(text, ')');
    CHECK(at && at[2] == 'R');
    SAME(parse_number(at + 4, 10), getppid());
    uint32_t blanks = 0;
    for (; *at; at++) blanks += *at == ' ';
    SAME(blanks, 50); /* 52 fields */
}

/* The number in this field of /proc/self/stat: state is the third. */
static uint32_t stat_field(uint32_t field) {
    const char *at = strchr(text, ')') + 2;
    for (uint32_t i = 3; i < field; i++) at = strchr(at, ' ') + 1;
    return parse_number(at, 10);
}

static uint32_t data = 1;

/* What execve() has set: where the code is, the data, the heap and the stack. */
void test_proc_stat_of_exec(void) {
    WORKS(read_file("/proc/self/stat", text, sizeof text));
    uint32_t code = (uint32_t)test_proc_stat_of_exec, bss = (uint32_t)text;
    CHECK(stat_field(26) <= code && code < stat_field(27));
    uint32_t stack = stat_field(28), argc = *words_at(stack);
    SAME(stack + 4 * (argc + 2), (uint32_t)environ);
    CHECK(stat_field(45) <= (uint32_t)&data && (uint32_t)&data < stat_field(46));
    CHECK(stat_field(47) >= bss + sizeof text && stat_field(47) <= brk(0));
}

void test_proc_statm(void) {
    WORKS(read_file("/proc/self/statm", text, sizeof text));
    uint32_t size = parse_number(text, 10), resident = parse_number(strchr(text, ' '), 10);
    CHECK(size > 10 && resident <= size);
    map_pages(1000);
    WORKS(read_file("/proc/self/statm", text, sizeof text));
    SAME(parse_number(text, 10), size + 1000);
}

void test_proc_status(void) {
    WORKS(read_file("/proc/self/status", text, sizeof text));
    CHECK(!strncmp(text, "Name:\ttests\n", 12) || !strncmp(text, "Name:\tinit\n", 11));
    CHECK(strstr(text, "\nPid:\t") && strstr(text, "\nVmRSS:") &&
          strstr(text, "\nState:\tR (running)\n"));
}

static int end_later(void *done) {
    futex(done, FUTEX_WAIT, 0, NULL);
    return 0;
}

void test_proc_threads(void) {
    static volatile uint32_t done;
    char path[64];
    void *stack = (void *)(map_pages(4) + 4 * PAGE);
    int32_t thread = WORKS(clone_thread(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, stack, end_later,
                                        (void *)&done, NULL, NULL, NULL));
    format(path, sizeof path, "/proc/self/task/%d/stat", thread);
    WORKS(read_file(path, text, sizeof text));
    SAME(parse_number(text, 10), thread);
    format(path, sizeof path, "/proc/self/task/%d/status", getpid());
    SAME(file_number(path, "Threads:\t"), 2);
    format(path, sizeof path, "/proc/self/task/%d", getppid());
    FAILS(open(path, O_RDONLY, 0), ENOENT);
    struct stat64 it;
    WORKS(stat("/proc/self/task", &it));
    SAME(it.mode & 0777, 0555);
    int fd = WORKS(open("/proc/self/task", O_RDONLY, 0));
    int32_t bytes = WORKS(getdents(fd, text, sizeof text)), entries = 0;
    for (int32_t at = 0; at < bytes; at += *(uint16_t *)(text + at + 16)) entries++;
    SAME(entries, 4); /* with . and .. */
}

/* The lines, in Linux's order. */
void test_proc_status_lines(void) {
    static const char *const names[] = {
        "Name",     "Umask",    "State",   "Tgid",    "Ngid",    "Pid",     "PPid",    "TracerPid",
        "Uid",      "Gid",      "FDSize",  "Groups",  "NStgid",  "NSpid",   "NSpgid",  "NSsid",
        "VmPeak",   "VmSize",   "VmLck",   "VmPin",   "VmHWM",   "VmRSS",   "RssAnon", "RssFile",
        "RssShmem", "VmData",   "VmStk",   "VmExe",   "VmLib",   "VmPTE",   "VmSwap",  "Threads",
        "SigQ",     "SigPnd",   "ShdPnd",  "SigBlk",  "SigIgn",  "SigCgt",  "CapInh",  "CapPrm",
        "CapEff",   "CapBnd",   "CapAmb",  "NoNewPrivs", "Seccomp", "Cpus_allowed", "Cpus_allowed_list",
        "voluntary_ctxt_switches", "nonvoluntary_ctxt_switches"};
    WORKS(read_file("/proc/self/status", text, sizeof text));
    const char *line = text;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i]);
        while (*line && (strncmp(line, names[i], length) || line[length] != ':'))
            line = strchr(line, '\n') + 1;
        if (!*line) printf("# no %s, or not there\n", names[i]);
        CHECK(*line);
    }
}

/* The set in the line of this name. */
static uint64_t status_set(const char *name) {
    WORKS(read_file("/proc/self/status", text, sizeof text));
    const char *at = strstr(text, name);
    CHECK(at);
    at += strlen(name) + 1;
    uint64_t set = (uint64_t)parse_number(at + 8, 16);
    char high[9] = "";
    memcpy(high, at, 8);
    return set | (uint64_t)parse_number(high, 16) << 32;
}

void test_proc_status_signals(void) {
    uint64_t mask = signal_bit(SIGUSR1) | signal_bit(64);
    WORKS(sigprocmask(SIG_SETMASK, &mask, NULL));
    WORKS(handle(SIGUSR2, note_signal, 0));
    WORKS(handle(40, note_signal, 0));
    WORKS(handle(SIGHUP, SIG_IGN, 0));
    WORKS(kill(getpid(), SIGUSR1));
    WORKS(syscall(NR_tgkill, getpid(), gettid(), 64));
    SAME(status_set("\nSigBlk:"), mask);
    SAME(status_set("\nSigIgn:"), signal_bit(SIGHUP));
    SAME(status_set("\nSigCgt:"), signal_bit(SIGUSR2) | signal_bit(40));
    SAME(status_set("\nShdPnd:"), signal_bit(SIGUSR1));
    SAME(status_set("\nSigPnd:"), signal_bit(64));
}

void test_proc_cmdline(void) {
    int32_t length = WORKS(read_file("/proc/self/cmdline", text, sizeof text));
    CHECK(length > 1 && text[length - 1] == 0);
}

void test_proc_maps(void) {
    WORKS(read_file("/proc/self/maps", text, sizeof text));
    uint32_t last = 0;
    for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
        uint32_t start = parse_number(line, 16), end = parse_number(strchr(line, '-') + 1, 16);
        CHECK(start >= last && end > start && start % PAGE == 0 && end % PAGE == 0);
        last = end;
    }
    CHECK(!strncmp(area_of((uint32_t)test_proc_maps, NULL, NULL), "r-xp", 4));
    CHECK(!strncmp(area_of((uint32_t)text, NULL, NULL), "rw", 2));
}

void test_proc_meminfo(void) {
    uint32_t total = file_number("/proc/meminfo", "MemTotal:"),
             available = file_number("/proc/meminfo", "MemFree:");
    CHECK(total > 1000 && available > 0 && available < total);
}

void test_proc_fd(void) {
    char path[32], target[64];
    int fd = make_file("/tmp/procfd", 0);
    format(path, sizeof path, "/proc/self/fd/%d", fd);
    int32_t length = WORKS(readlink(path, target, 63));
    target[length] = 0;
    CHECK(!strcmp(target, "/tmp/procfd"));
    WORKS(unlink("/tmp/procfd"));
}

void test_proc_is_read_only(void) {
    CHECK(is_error((uint32_t)open("/proc/nope", O_RDWR | O_CREAT, 0644)));
    CHECK(is_error((uint32_t)mkdir("/proc/nope", 0755)));
    CHECK(is_error((uint32_t)unlink("/proc/self/maps")));
    FAILS(open("/proc/0", O_RDONLY, 0), ENOENT);
    FAILS(open("/proc/999999", O_RDONLY, 0), ENOENT);
}

void test_proc_files_are_there(void) {
    static const char *const names[] = {"uptime", "loadavg", "version", "mounts", "filesystems",
                                        "stat",   "vmstat",  "cpuinfo", "meminfo"};
    char path[64];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        format(path, sizeof path, "/proc/%s", names[i]);
        CHECK(WORKS(read_file(path, text, sizeof text)) > 0);
    }
}

/* ---- the terminal: only where descriptor 0 is one ---- */

static void need_terminal(struct termios *terminal) {
    if (ioctl(0, TCGETS, terminal)) skip("standard input is no terminal");
}

void test_terminal_is_not_a_file(void) {
    struct termios terminal;
    int fd = make_file("/tmp/tty", 1), ends[2];
    FAILS(ioctl(fd, TCGETS, &terminal), ENOTTY);
    WORKS(pipe(ends));
    FAILS(ioctl(ends[0], TCGETS, &terminal), ENOTTY);
    FAILS(ioctl(ends[0], TIOCGWINSZ, &terminal), ENOTTY);
    WORKS(unlink("/tmp/tty"));
}

void test_terminal_settings(void) {
    struct termios was, now;
    need_terminal(&was);
    CHECK(was.lflag & ICANON && was.lflag & ISIG);
    SAME(was.cc[VINTR], 3);
    now = was;
    now.lflag &= ~(ICANON | ECHO);
    handle(SIGTTOU, SIG_IGN, 0);
    WORKS(ioctl(0, TCSETS, &now));
    WORKS(ioctl(0, TCGETS, &now));
    SAME(now.lflag, was.lflag & ~(ICANON | ECHO));
    WORKS(ioctl(0, TCSETS, &was));
    FAILS(ioctl(0, TCGETS, (void *)kernel_start()), EFAULT);
    FAILS(ioctl(0, TCSETS, (void *)kernel_start()), EFAULT);
}

void test_terminal_size(void) {
    struct winsize size;
    struct termios terminal;
    need_terminal(&terminal);
    WORKS(ioctl(0, TIOCGWINSZ, &size));
    FAILS(ioctl(0, TIOCGWINSZ, (void *)kernel_start()), EFAULT);
}

void test_terminal_unknown_ioctl(void) {
    struct termios terminal;
    need_terminal(&terminal);
    CHECK(is_error((uint32_t)ioctl(0, 0x54FF, &terminal)));
}

/* The console, which is typed into by the case itself. */
static int typed_ahead(const char *text) {
    struct termios was, raw, silent;
    int fd = WORKS(open("/dev/console", O_RDWR | O_NOCTTY | O_NONBLOCK, 0));
    if (ioctl(fd, TCGETS, &was)) skip("the console is no terminal");
    handle(SIGTTOU, SIG_IGN, 0);
    raw = silent = was;
    silent.lflag &= ~ECHO;
    raw.lflag &= ~(ICANON | ECHO);
    WORKS(ioctl(fd, TCSETS, &raw));
    for (; *text; text++) WORKS(ioctl(fd, TIOCSTI, text));
    WORKS(ioctl(fd, TCSETS, &silent));
    char got[16];
    int32_t count = read(fd, got, sizeof got), more = read(fd, got, sizeof got);
    WORKS(ioctl(fd, TCSETS, &was));
    SAME(more, -EAGAIN);
    return count;
}

void test_terminal_typed_ahead(void) {
    SAME(typed_ahead("ab\nc\n"), 5);
    SAME(typed_ahead("abc"), 3);
}

void test_terminal_typed_xon(void) {
    int fd = WORKS(open("/dev/console", O_RDWR | O_NOCTTY, 0));
    struct termios terminal;
    if (ioctl(fd, TCGETS, &terminal)) skip("the console is no terminal");
    WORKS(ioctl(fd, TIOCSTI, "\023"));
    int32_t child = WORKS(fork());
    if (!child) _exit(write(fd, "# goes on\n", 10) != 10);
    sleep_ms(50);
    WORKS(ioctl(fd, TIOCSTI, "\021"));
    sleep_ms(100);
    int status = -1;
    int32_t found = waitpid(child, &status, WNOHANG);
    ioctl(fd, TCXONC, (void *)1);
    kill(child, SIGKILL);
    SAME(found, child);
}

void test_proc_maps_of_others(void) {
    WORKS(syscall(NR_setuid32, 1000));
    FAILS(open("/proc/1/maps", O_RDONLY, 0), EACCES);
    WORKS(open("/proc/self/maps", O_RDONLY, 0));
}
