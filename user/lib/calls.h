/*
 * calls.h: system calls as C functions. Each is one INT 80h (start.asm), and answers what the
 * kernel answers: an error is its number negated. Their manual pages are Linux's, section 2.
 */
#ifndef USER_CALLS_H
#define USER_CALLS_H

#include "lib.h"

static inline bool is_error(uint32_t answer) {
    return answer > 0xFFFFFFFFu - MAX_ERROR;
}

/* ---- processes ---- */
__attribute__((noreturn)) static inline void _exit(int status) {
    for (;;) syscall(NR_exit_group, status);
}
static inline int32_t fork(void) {
    return syscall(NR_fork);
}
static inline int32_t execve(const char *path, char *const argv[], char *const envp[]) {
    return syscall(NR_execve, path, argv, envp);
}
static inline int32_t wait4(int32_t pid, int *status, int options, struct rusage *usage) {
    return syscall(NR_wait4, pid, status, options, usage);
}
static inline int32_t waitpid(int32_t pid, int *status, int options) {
    return wait4(pid, status, options, NULL);
}
static inline int32_t getpid(void) {
    return syscall(NR_getpid);
}
static inline int32_t getppid(void) {
    return syscall(NR_getppid);
}
static inline int32_t gettid(void) {
    return syscall(NR_gettid);
}
static inline int32_t setsid(void) {
    return syscall(NR_setsid);
}
static inline int32_t setpgid(int32_t pid, int32_t group) {
    return syscall(NR_setpgid, pid, group);
}
static inline int32_t sched_yield(void) {
    return syscall(NR_sched_yield);
}
static inline int32_t getrusage(int who, struct rusage *usage) {
    return syscall(NR_getrusage, who, usage);
}
static inline int32_t getrlimit(int which, struct rlimit *limit) {
    return syscall(NR_ugetrlimit, which, limit);
}
static inline int32_t setrlimit(int which, const struct rlimit *limit) {
    return syscall(NR_setrlimit, which, limit);
}
static inline int32_t futex(volatile uint32_t *word, int what, uint32_t value,
                            const struct timespec *timeout) {
    return syscall(NR_futex, word, what, value, timeout, 0, 0);
}

/* ---- signals ---- */
static inline int32_t kill(int32_t pid, int signal) {
    return syscall(NR_kill, pid, signal);
}
static inline int32_t sigaction(int signal, const struct sigaction *action, struct sigaction *old) {
    return syscall(NR_rt_sigaction, signal, action, old, 8);
}
static inline int32_t sigprocmask(int how, const uint64_t *set, uint64_t *old) {
    return syscall(NR_rt_sigprocmask, how, set, old, 8);
}
static inline int32_t sigpending(uint64_t *set) {
    return syscall(NR_rt_sigpending, set, 8);
}
static inline int32_t sigsuspend(const uint64_t *set) {
    return syscall(NR_rt_sigsuspend, set, 8);
}
static inline int32_t sigaltstack(const struct stack_t *stack, struct stack_t *old) {
    return syscall(NR_sigaltstack, stack, old);
}
static inline int32_t pause(void) {
    return syscall(NR_pause);
}
static inline int32_t alarm(uint32_t seconds) {
    return syscall(NR_alarm, seconds);
}
static inline uint64_t signal_bit(int signal) {
    return (uint64_t)1 << (signal - 1);
}

/* ---- memory ---- */
static inline uint32_t mmap(uint32_t address, uint32_t bytes, uint32_t prot, uint32_t flags, int fd,
                            uint32_t page_of_file) {
    return (uint32_t)syscall(NR_mmap2, address, bytes, prot, flags, fd, page_of_file);
}
static inline int32_t munmap(uint32_t address, uint32_t bytes) {
    return syscall(NR_munmap, address, bytes);
}
static inline int32_t mprotect(uint32_t address, uint32_t bytes, uint32_t prot) {
    return syscall(NR_mprotect, address, bytes, prot);
}
static inline uint32_t mremap(uint32_t address, uint32_t old_bytes, uint32_t new_bytes,
                              uint32_t flags, uint32_t new_address) {
    return (uint32_t)syscall(NR_mremap, address, old_bytes, new_bytes, flags, new_address);
}
static inline int32_t madvise(uint32_t address, uint32_t bytes, int advice) {
    return syscall(NR_madvise, address, bytes, advice);
}
static inline int32_t mincore(uint32_t address, uint32_t bytes, uint8_t *vector) {
    return syscall(NR_mincore, address, bytes, vector);
}
static inline int32_t msync(uint32_t address, uint32_t bytes, int flags) {
    return syscall(NR_msync, address, bytes, flags);
}
static inline int32_t mlock(uint32_t address, uint32_t bytes) {
    return syscall(NR_mlock, address, bytes);
}
static inline int32_t munlock(uint32_t address, uint32_t bytes) {
    return syscall(NR_munlock, address, bytes);
}
static inline int32_t mlockall(int which) {
    return syscall(NR_mlockall, which);
}
static inline int32_t munlockall(void) {
    return syscall(NR_munlockall);
}
static inline int32_t swapon(const char *device) {
    return syscall(NR_swapon, device, 0);
}
static inline int32_t swapoff(const char *device) {
    return syscall(NR_swapoff, device);
}
static inline uint32_t brk(uint32_t end) {
    return (uint32_t)syscall(NR_brk, end);
}

/* ---- files ---- */
static inline int32_t open(const char *path, uint32_t flags, uint32_t mode) {
    return syscall(NR_open, path, flags, mode);
}
static inline int32_t close(int fd) {
    return syscall(NR_close, fd);
}
static inline int32_t read(int fd, void *to, size_t bytes) {
    return syscall(NR_read, fd, to, bytes);
}
static inline int32_t write(int fd, const void *from, size_t bytes) {
    return syscall(NR_write, fd, from, bytes);
}
static inline int32_t pread(int fd, void *to, size_t bytes, uint32_t offset) {
    return syscall(NR_pread64, fd, to, bytes, offset, 0);
}
static inline int32_t pwrite(int fd, const void *from, size_t bytes, uint32_t offset) {
    return syscall(NR_pwrite64, fd, from, bytes, offset, 0);
}
static inline int32_t readv(int fd, const struct iovec *parts, uint32_t count) {
    return syscall(NR_readv, fd, parts, count);
}
static inline int32_t writev(int fd, const struct iovec *parts, uint32_t count) {
    return syscall(NR_writev, fd, parts, count);
}
static inline int32_t lseek(int fd, int32_t offset, int from) {
    return syscall(NR_lseek, fd, offset, from);
}
static inline int32_t ftruncate(int fd, uint32_t bytes) {
    return syscall(NR_ftruncate, fd, bytes);
}
static inline int32_t dup(int fd) {
    return syscall(NR_dup, fd);
}
static inline int32_t dup2(int from, int to) {
    return syscall(NR_dup2, from, to);
}
static inline int32_t fcntl(int fd, int what, uint32_t value) {
    return syscall(NR_fcntl64, fd, what, value);
}
static inline int32_t ioctl(int fd, uint32_t what, const volatile void *value) {
    return syscall(NR_ioctl, fd, what, value);
}
static inline int32_t pipe(int ends[2]) {
    return syscall(NR_pipe, ends);
}
static inline int32_t pipe2(int ends[2], uint32_t flags) {
    return syscall(NR_pipe2, ends, flags);
}
static inline int32_t poll(struct pollfd *fds, uint32_t count, int milliseconds) {
    return syscall(NR_poll, fds, count, milliseconds);
}
static inline int32_t unlink(const char *path) {
    return syscall(NR_unlink, path);
}
static inline int32_t rename(const char *from, const char *to) {
    return syscall(NR_rename, from, to);
}
static inline int32_t mkdir(const char *path, uint32_t mode) {
    return syscall(NR_mkdir, path, mode);
}
static inline int32_t rmdir(const char *path) {
    return syscall(NR_rmdir, path);
}
static inline int32_t link(const char *from, const char *to) {
    return syscall(NR_link, from, to);
}
static inline int32_t symlink(const char *target, const char *path) {
    return syscall(NR_symlink, target, path);
}
static inline int32_t readlink(const char *path, char *to, size_t size) {
    return syscall(NR_readlink, path, to, size);
}
static inline int32_t chdir(const char *path) {
    return syscall(NR_chdir, path);
}
static inline int32_t getcwd(char *to, size_t size) {
    return syscall(NR_getcwd, to, size);
}
static inline int32_t stat(const char *path, struct stat64 *to) {
    return syscall(NR_stat64, path, to);
}
static inline int32_t lstat(const char *path, struct stat64 *to) {
    return syscall(NR_lstat64, path, to);
}
static inline int32_t fstat(int fd, struct stat64 *to) {
    return syscall(NR_fstat64, fd, to);
}
static inline int32_t getdents(int fd, void *to, size_t bytes) {
    return syscall(NR_getdents64, fd, to, bytes);
}
static inline int32_t access(const char *path, int how) {
    return syscall(NR_access, path, how);
}
static inline int32_t mount_with(const char *what, const char *path, const char *type,
                                 const char *options) {
    return syscall(NR_mount, what, path, type, 0, options);
}
static inline int32_t mount(const char *what, const char *path, const char *type) {
    return mount_with(what, path, type, NULL);
}
static inline int32_t umount(const char *path) {
    return syscall(NR_umount2, path, 0);
}

/* ---- time ---- */
static inline int32_t nanosleep(const struct timespec *wanted, struct timespec *left) {
    return syscall(NR_nanosleep, wanted, left);
}
static inline int32_t clock_gettime(int clock, struct timespec *to) {
    return syscall(NR_clock_gettime, clock, to);
}
static inline uint32_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)now.seconds * 1000 + (uint32_t)now.nanoseconds / 1000000;
}
static inline void sleep_ms(uint32_t milliseconds) {
    struct timespec wanted = {(int32_t)(milliseconds / 1000),
                              (int32_t)(milliseconds % 1000) * 1000000};
    while (nanosleep(&wanted, &wanted) == -EINTR) continue;
}

#endif
