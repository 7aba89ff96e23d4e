/*
 * errno.h: why a system call failed, with Linux's numbers (asm-generic/errno-base.h, errno.h). The
 * kernel answers them negated, as its system calls do.
 */
#ifndef LIB_ERRNO_H
#define LIB_ERRNO_H

enum errno {
    EPERM = 1,
    ENOENT = 2,
    ESRCH = 3,
    EINTR = 4,
    EIO = 5,
    ENXIO = 6,
    E2BIG = 7,
    ENOEXEC = 8,
    EBADF = 9,
    ECHILD = 10,
    EAGAIN = 11,
    ENOMEM = 12,
    EACCES = 13,
    EFAULT = 14,
    ENOTBLK = 15,
    EBUSY = 16,
    EEXIST = 17,
    EXDEV = 18,
    ENODEV = 19,
    ENOTDIR = 20,
    EISDIR = 21,
    EINVAL = 22,
    ENFILE = 23,
    EMFILE = 24,
    ENOTTY = 25,
    ETXTBSY = 26,
    EFBIG = 27,
    ENOSPC = 28,
    ESPIPE = 29,
    EROFS = 30,
    EMLINK = 31,
    EPIPE = 32,
    EDOM = 33,
    ERANGE = 34,
    EDEADLK = 35,
    ENAMETOOLONG = 36,
    ENOLCK = 37,
    ENOSYS = 38,
    ENOTEMPTY = 39,
    ELOOP = 40,
    ENODATA = 61,
    EOVERFLOW = 75,
    ELIBBAD = 80,
    ENOTSOCK = 88,
    EOPNOTSUPP = 95,
    EAFNOSUPPORT = 97,
    ETIMEDOUT = 110,

    /* Never seen by a program: the call starts again after a signal, or ends with EINTR. */
    ERESTARTSYS = 512,          /* again if the handler has SA_RESTART, or if there was none */
    ERESTARTNOHAND = 514,       /* again only if no handler ran */
    ERESTART_RESTARTBLOCK = 516 /* as the last, through restart_syscall() with the time left */
};

#endif
