/*
 * linux.h: numbers and structures of Linux's i386 interface that programs need: system calls,
 * flags, error numbers, signals. From the manual pages and Linux's UAPI headers (asm/unistd_32.h
 * and others), which are the interface's definition. The kernel has numbers of its own: were they these,
 * the suite would not notice a wrong one. tests/host/test_linux_numbers.py holds both against Linux's.
 */
#ifndef USER_LINUX_H
#define USER_LINUX_H

#include <stdint.h>

#define PAGE 4096u
#define KERNEL_START 0xC0000000u /* from here on a program has no business */

/* ---- system calls ---- */
#define NR_restart_syscall 0
#define NR_exit 1
#define NR_fork 2
#define NR_read 3
#define NR_write 4
#define NR_open 5
#define NR_close 6
#define NR_waitpid 7
#define NR_creat 8
#define NR_link 9
#define NR_unlink 10
#define NR_execve 11
#define NR_chdir 12
#define NR_time 13
#define NR_chmod 15
#define NR_lseek 19
#define NR_getpid 20
#define NR_mount 21
#define NR_alarm 27
#define NR_pause 29
#define NR_access 33
#define NR_sync 36
#define NR_kill 37
#define NR_rename 38
#define NR_mkdir 39
#define NR_rmdir 40
#define NR_dup 41
#define NR_pipe 42
#define NR_times 43
#define NR_brk 45
#define NR_umount2 52
#define NR_ioctl 54
#define NR_setpgid 57
#define NR_umask 60
#define NR_dup2 63
#define NR_getppid 64
#define NR_getpgrp 65
#define NR_setsid 66
#define NR_sigaction 67
#define NR_setrlimit 75
#define NR_getrusage 77
#define NR_gettimeofday 78
#define NR_symlink 83
#define NR_readlink 85
#define NR_swapon 87
#define NR_reboot 88
#define NR_munmap 91
#define NR_truncate 92
#define NR_ftruncate 93
#define NR_setitimer 104
#define NR_getitimer 105
#define NR_wait4 114
#define NR_swapoff 115
#define NR_sysinfo 116
#define NR_fsync 118
#define NR_sigreturn 119
#define NR_clone 120
#define NR_uname 122
#define NR_mprotect 125
#define NR_init_module 128
#define NR_getpgid 132
#define NR_fchdir 133
#define NR__llseek 140
#define NR__newselect 142
#define NR_msync 144
#define NR_readv 145
#define NR_writev 146
#define NR_getsid 147
#define NR_mlock 150
#define NR_munlock 151
#define NR_mlockall 152
#define NR_munlockall 153
#define NR_sched_yield 158
#define NR_nanosleep 162
#define NR_mremap 163
#define NR_poll 168
#define NR_prctl 172
#define NR_rt_sigreturn 173
#define NR_rt_sigaction 174
#define NR_rt_sigprocmask 175
#define NR_rt_sigpending 176
#define NR_rt_sigtimedwait 177
#define NR_rt_sigqueueinfo 178
#define NR_rt_sigsuspend 179
#define NR_pread64 180
#define NR_pwrite64 181
#define NR_getcwd 183
#define NR_sigaltstack 186
#define NR_vfork 190
#define NR_ugetrlimit 191
#define NR_mmap2 192
#define NR_stat64 195
#define NR_lstat64 196
#define NR_fstat64 197
#define NR_getuid32 199
#define NR_setuid32 213
#define NR_mincore 218
#define NR_madvise 219
#define NR_getdents64 220
#define NR_fcntl64 221
#define NR_gettid 224
#define NR_tkill 238
#define NR_futex 240
#define NR_set_thread_area 243
#define NR_get_thread_area 244
#define NR_exit_group 252
#define NR_epoll_create 254
#define NR_epoll_ctl 255
#define NR_epoll_wait 256
#define NR_set_tid_address 258
#define NR_clock_settime 264
#define NR_clock_gettime 265
#define NR_clock_getres 266
#define NR_clock_nanosleep 267
#define NR_statfs64 268
#define NR_tgkill 270
#define NR_waitid 284
#define NR_openat 295
#define NR_mkdirat 296
#define NR_fstatat64 300
#define NR_unlinkat 301
#define NR_readlinkat 305
#define NR_faccessat 307
#define NR_pselect6 308
#define NR_ppoll 309
#define NR_get_robust_list 312
#define NR_utimensat 320
#define NR_epoll_create1 329
#define NR_dup3 330
#define NR_pipe2 331
#define NR_prlimit64 340
#define NR_getrandom 355
#define NR_socket 359
#define NR_membarrier 375
#define NR_statx 383
#define NR_clock_gettime64 403
#define NR_clock_nanosleep64 407

/* ---- error numbers ---- */
#define EPERM 1
#define ENOENT 2
#define ESRCH 3
#define EINTR 4
#define EIO 5
#define ENXIO 6
#define E2BIG 7
#define ENOEXEC 8
#define EBADF 9
#define ECHILD 10
#define EAGAIN 11
#define ENOMEM 12
#define EACCES 13
#define EFAULT 14
#define ENOTBLK 15
#define EBUSY 16
#define EEXIST 17
#define EXDEV 18
#define ENODEV 19
#define ENOTDIR 20
#define EISDIR 21
#define EINVAL 22
#define ENFILE 23
#define EMFILE 24
#define ENOTTY 25
#define ETXTBSY 26
#define EFBIG 27
#define ENOSPC 28
#define ESPIPE 29
#define EROFS 30
#define EMLINK 31
#define EPIPE 32
#define ERANGE 34
#define EDEADLK 35
#define ENAMETOOLONG 36
#define ENOLCK 37
#define ENOSYS 38
#define ENOTEMPTY 39
#define ELOOP 40
#define EOVERFLOW 75
#define EOPNOTSUPP 95
#define EAFNOSUPPORT 97
#define ETIMEDOUT 110
#define MAX_ERROR 4095u /* answers from -4095 to -1 are errors */

/* ---- the auxiliary vector: getauxval(3) ---- */
struct aux {
    uint32_t type, value;
};
#define AT_NULL 0
#define AT_PHDR 3
#define AT_PHENT 4
#define AT_PHNUM 5
#define AT_PAGESZ 6
#define AT_BASE 7
#define AT_ENTRY 9
#define AT_UID 11
#define AT_PLATFORM 15
#define AT_HWCAP 16
#define AT_CLKTCK 17
#define AT_SECURE 23
#define AT_RANDOM 25
#define AT_EXECFN 31

/* ---- memory ---- */
#define PROT_NONE 0u
#define PROT_READ 1u
#define PROT_WRITE 2u
#define PROT_EXEC 4u
#define PROT_GROWSDOWN 0x01000000u
#define MAP_SHARED 0x01u
#define MAP_PRIVATE 0x02u
#define MAP_FIXED 0x10u
#define MAP_ANONYMOUS 0x20u
#define MAP_GROWSDOWN 0x100u
#define MAP_FIXED_NOREPLACE 0x100000u
#define MREMAP_MAYMOVE 1u
#define MREMAP_FIXED 2u
#define MCL_CURRENT 1
#define MCL_FUTURE 2
#define MCL_ONFAULT 4
#define MADV_NORMAL 0
#define MADV_WILLNEED 3
#define MADV_DONTNEED 4
#define MS_ASYNC 1
#define MS_SYNC 4
#define RLIMIT_FSIZE 1
#define RLIMIT_DATA 2
#define RLIMIT_STACK 3
#define RLIMIT_NPROC 6
#define RLIMIT_NOFILE 7
#define RLIMIT_AS 9
#define RLIMIT_SIGPENDING 11
#define RLIM_INFINITY 0xFFFFFFFFu
struct rlimit {
    uint32_t now, most;
};

/* ---- files ---- */
#define O_RDONLY 0u
#define O_WRONLY 1u
#define O_RDWR 2u
#define O_CREAT 0100u
#define O_EXCL 0200u
#define O_NOCTTY 0400u
#define O_TRUNC 01000u
#define O_APPEND 02000u
#define O_NONBLOCK 04000u
#define O_DIRECTORY 0200000u
#define O_NOFOLLOW 0400000u
#define O_CLOEXEC 02000000u
#define AT_FDCWD (-100)
#define AT_REMOVEDIR 0x200
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#define F_DUPFD 0
#define F_GETFD 1
#define F_SETFD 2
#define F_GETFL 3
#define F_SETFL 4
#define F_GETLK 5
#define F_SETLK 6
#define F_SETLKW 7
#define F_DUPFD_CLOEXEC 1030
#define FD_CLOEXEC 1
#define S_IFMT 0170000u
#define S_IFIFO 0010000u
#define S_IFCHR 0020000u
#define S_IFDIR 0040000u
#define S_IFBLK 0060000u
#define S_IFREG 0100000u
#define S_IFLNK 0120000u
#define R_OK 4
#define W_OK 2
#define X_OK 1
#define F_OK 0

#define BLKGETSIZE 0x1260u /* sectors of 512 bytes, as a word */

struct iovec {
    const void *base;
    uint32_t bytes;
};

struct stat64 {
    uint64_t dev;
    uint32_t pad0, short_ino, mode, nlink, uid, gid;
    uint64_t rdev;
    uint32_t pad3;
    int64_t size;
    uint32_t blksize;
    uint64_t blocks;
    uint32_t atime, atime_ns, mtime, mtime_ns, ctime, ctime_ns;
    uint64_t ino;
} __attribute__((packed));
_Static_assert(sizeof(struct stat64) == 96, "asm/stat.h of i386");

struct dirent64 {
    uint64_t ino;
    int64_t off;
    uint16_t bytes;
    uint8_t type;
    char name[];
} __attribute__((packed));
#define DT_CHR 2
#define DT_DIR 4
#define DT_REG 8
#define DT_LNK 10

struct pollfd {
    int fd;
    int16_t events, revents;
};
#define POLLIN 1
#define POLLOUT 4
#define POLLERR 8
#define POLLHUP 16
#define POLLNVAL 32

/* ---- processes ---- */
#define WNOHANG 1
#define WUNTRACED 2
#define WCONTINUED 8
#define CLONE_VM 0x100u
#define CLONE_FS 0x200u
#define CLONE_FILES 0x400u
#define CLONE_SIGHAND 0x800u
#define CLONE_VFORK 0x4000u
#define CLONE_THREAD 0x10000u
#define CLONE_SYSVSEM 0x40000u
#define CLONE_SETTLS 0x80000u
#define CLONE_PARENT_SETTID 0x100000u
#define CLONE_CHILD_CLEARTID 0x200000u
#define CLONE_CHILD_SETTID 0x1000000u
#define P_ALL 0
#define P_PID 1
#define WEXITED 4
#define WNOWAIT 0x1000000

struct timeval {
    int32_t seconds, microseconds;
};
struct timespec {
    int32_t seconds, nanoseconds;
};
struct timespec64 {
    int64_t seconds;
    int64_t nanoseconds;
};
struct flock {
    int16_t type, whence;
    int32_t start, length, pid;
};
#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2
#define TIMER_ABSTIME 1
struct epoll_event {
    uint32_t events;
    uint64_t data;
} __attribute__((packed));
#define EPOLLIN 1u
#define EPOLLHUP 0x10u
#define EPOLLONESHOT 0x40000000u
#define EPOLLET 0x80000000u
#define EPOLL_CTL_ADD 1
#define EPOLL_CTL_DEL 2
#define EPOLL_CTL_MOD 3
struct itimerval {
    struct timeval interval, value;
};

struct rusage {
    struct timeval user, system;
    uint32_t max_rss, ix_rss, id_rss, is_rss;
    uint32_t minor_faults, major_faults, swaps;
    uint32_t blocks_in, blocks_out, messages_out, messages_in, signals;
    uint32_t voluntary_switches, involuntary_switches;
};
#define RUSAGE_SELF 0
#define RUSAGE_CHILDREN (-1)

struct user_desc { /* set_thread_area(2) */
    uint32_t entry, base, limit;
    uint32_t seg_32bit : 1, contents : 2, read_exec_only : 1, limit_in_pages : 1,
        seg_not_present : 1, useable : 1;
};

#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#define FUTEX_REQUEUE 3
#define FUTEX_CMP_REQUEUE 4
#define FUTEX_WAIT_BITSET 9
#define FUTEX_PRIVATE 128

struct utsname {
    char system[65], node[65], release[65], version[65], machine[65], domain[65];
};

struct sysinfo {
    int32_t uptime;
    uint32_t loads[3], total_ram, free_ram, shared_ram, buffer_ram, total_swap, free_swap;
    uint16_t processes, pad;
    uint32_t total_high, free_high, unit;
    char rest[8];
};

#define PR_SET_PDEATHSIG 1
#define PR_GET_PDEATHSIG 2

#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_TAI 11
#define LINUX_REBOOT_MAGIC1 0xFEE1DEADu
#define LINUX_REBOOT_MAGIC2 0x28121969u
#define REBOOT_POWER_OFF 0x4321FEDCu

/* ---- signals ---- */
#define SIGHUP 1
#define SIGINT 2
#define SIGQUIT 3
#define SIGILL 4
#define SIGTRAP 5
#define SIGABRT 6
#define SIGBUS 7
#define SIGFPE 8
#define SIGKILL 9
#define SIGUSR1 10
#define SIGSEGV 11
#define SIGUSR2 12
#define SIGPIPE 13
#define SIGALRM 14
#define SIGTERM 15
#define SIGCHLD 17
#define SIGCONT 18
#define SIGSTOP 19
#define SIGTSTP 20
#define SIGTTIN 21
#define SIGTTOU 22
#define SIGWINCH 28
#define SIGRTMIN 32

#define SIG_DFL ((void (*)(int))0)
#define SIG_IGN ((void (*)(int))1)
#define SA_NOCLDSTOP 1u
#define SA_NOCLDWAIT 2u
#define SA_SIGINFO 4u
#define SA_RESTORER 0x04000000u
#define SA_ONSTACK 0x08000000u
#define SA_RESTART 0x10000000u
#define SA_NODEFER 0x40000000u
#define SA_RESETHAND 0x80000000u
#define SIG_BLOCK 0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

struct siginfo {
    int32_t signal, error, code;
    union {
        struct {
            uint32_t pid, uid;
            int32_t status;
        } process;        /* SIGCHLD, kill() */
        uint32_t address; /* SIGSEGV, SIGBUS, SIGFPE, SIGILL */
        uint32_t rest[29];
    };
};
#define SI_USER 0
#define SI_TKILL (-6)
#define SI_KERNEL 0x80
#define SEGV_MAPERR 1
#define SEGV_ACCERR 2
#define BUS_ADRERR 2
#define FPE_INTDIV 1
#define ILL_ILLOPN 2
#define CLD_EXITED 1
#define CLD_KILLED 2
#define CLD_DUMPED 3
#define CLD_STOPPED 5
#define CLD_CONTINUED 6
#define TRAP_BRKPT 1

struct stack_t {
    uint32_t base;
    int32_t flags;
    uint32_t bytes;
};
#define SS_ONSTACK 1
#define SS_DISABLE 2
#define MINSIGSTKSZ 2048

struct sigcontext { /* asm/sigcontext.h */
    uint32_t gs, fs, es, ds, edi, esi, ebp, esp, ebx, edx, ecx, eax, trapno, error, eip, cs, eflags,
        esp_at_signal, ss, fpstate, oldmask, cr2;
};
struct ucontext {
    uint32_t flags, link;
    struct stack_t stack;
    struct sigcontext registers;
    uint64_t mask;
};

struct sigaction {
    union {
        void (*handler)(int);
        void (*info_handler)(int signal, struct siginfo *info, struct ucontext *context);
    };
    uint32_t flags;
    void (*restorer)(void);
    uint64_t mask;
} __attribute__((packed));

/* ---- terminals: asm/termbits.h, asm/ioctls.h ---- */
struct termios {
    uint32_t iflag, oflag, cflag, lflag;
    uint8_t line, cc[19];
};
struct winsize {
    uint16_t rows, columns, x, y;
};
#define TCGETS 0x5401
#define TCSETS 0x5402
#define TCSETSW 0x5403
#define TCXONC 0x540A
#define TIOCSCTTY 0x540E
#define TIOCGPGRP 0x540F
#define TIOCSPGRP 0x5410
#define TIOCSTI 0x5412
#define TIOCGWINSZ 0x5413
#define TIOCSWINSZ 0x5414
#define FIONREAD 0x541B
#define TIOCNOTTY 0x5422
#define ICANON 2u
#define ECHO 8u
#define ISIG 1u
#define OPOST 1u
#define ICRNL 0400u
#define VINTR 0
#define VERASE 2
#define VMIN 6
#define VTIME 5

#endif
