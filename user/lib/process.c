/*
 * process.c: looking at processes: files of /proc, how a child ended, handlers.
 */
#include "lib.h"

int32_t read_file(const char *path, char *to, size_t size) {
    int32_t fd = open(path, O_RDONLY, 0);
    if (fd < 0) return fd;
    size_t length = 0;
    int32_t got = 1;
    while (got > 0 && length + 1 < size) {
        got = read(fd, to + length, size - 1 - length);
        if (got > 0) length += (size_t)got;
    }
    close(fd);
    to[length] = 0;
    return got < 0 ? got : (int32_t)length;
}

uint32_t file_number(const char *path, const char *name) {
    static char text[8192];
    if (read_file(path, text, sizeof text) < 0) return 0;
    size_t length = strlen(name);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        if (*line == '\n') line++;
        if (!strncmp(line, name, length)) return parse_number(line + length, 10);
    }
    return 0;
}

const char *signal_name(int signal) {
    static const char *const names[] = {
        [SIGHUP] = "hangup",       [SIGINT] = "interrupt",
        [SIGQUIT] = "quit",        [SIGILL] = "illegal instruction",
        [SIGTRAP] = "trap",        [SIGABRT] = "abort",
        [SIGBUS] = "bus error",    [SIGFPE] = "arithmetic exception",
        [SIGKILL] = "killed",      [SIGSEGV] = "segmentation fault",
        [SIGPIPE] = "broken pipe", [SIGALRM] = "alarm",
        [SIGTERM] = "terminated",
    };
    if (signal > 0 && signal < (int)(sizeof names / sizeof *names) && names[signal])
        return names[signal];
    return "another signal";
}

const char *describe_status(int status) {
    static char text[64];
    if ((status & 0xFF) == 0x7F)
        format(text, sizeof text, "stopped by signal %d", status >> 8 & 0xFF);
    else if (status & 0x7F)
        format(text, sizeof text, "signal %d (%s)", status & 0x7F, signal_name(status & 0x7F));
    else
        format(text, sizeof text, "exit status %d", status >> 8 & 0xFF);
    return text;
}

const char *error_name(int32_t error) {
    static const char *const names[] = {
        [EPERM] = "EPERM",
        [ENOENT] = "ENOENT",
        [ESRCH] = "ESRCH",
        [EINTR] = "EINTR",
        [EIO] = "EIO",
        [ENXIO] = "ENXIO",
        [E2BIG] = "E2BIG",
        [ENOEXEC] = "ENOEXEC",
        [EBADF] = "EBADF",
        [ECHILD] = "ECHILD",
        [EAGAIN] = "EAGAIN",
        [ENOMEM] = "ENOMEM",
        [EACCES] = "EACCES",
        [EFAULT] = "EFAULT",
        [ENOTBLK] = "ENOTBLK",
        [EBUSY] = "EBUSY",
        [EEXIST] = "EEXIST",
        [EXDEV] = "EXDEV",
        [ENODEV] = "ENODEV",
        [ENOTDIR] = "ENOTDIR",
        [EISDIR] = "EISDIR",
        [EINVAL] = "EINVAL",
        [ENFILE] = "ENFILE",
        [EMFILE] = "EMFILE",
        [ENOTTY] = "ENOTTY",
        [ETXTBSY] = "ETXTBSY",
        [EFBIG] = "EFBIG",
        [ENOSPC] = "ENOSPC",
        [ESPIPE] = "ESPIPE",
        [EROFS] = "EROFS",
        [EMLINK] = "EMLINK",
        [EPIPE] = "EPIPE",
        [ERANGE] = "ERANGE",
        [EDEADLK] = "EDEADLK",
        [ENOLCK] = "ENOLCK",
        [ENOSYS] = "ENOSYS",
        [ELOOP] = "ELOOP",
        [ENOTEMPTY] = "ENOTEMPTY",
        [ENAMETOOLONG] = "ENAMETOOLONG",
        [EOVERFLOW] = "EOVERFLOW",
        [EOPNOTSUPP] = "EOPNOTSUPP",
        [EAFNOSUPPORT] = "EAFNOSUPPORT",
        [ETIMEDOUT] = "ETIMEDOUT",
    };
    static char text[16];
    uint32_t number = (uint32_t)-error;
    if (number < sizeof names / sizeof *names && names[number]) return names[number];
    format(text, sizeof text, "%d", error);
    return text;
}

int32_t handle(int signal, void (*handler)(int), uint32_t flags) {
    const struct sigaction action = {{handler}, flags | SA_RESTORER, restore_old, 0};
    return sigaction(signal, &action, NULL);
}

int32_t handle_info(int signal, signal_handler *handler, uint32_t flags) {
    struct sigaction action = {{0}, flags | SA_SIGINFO | SA_RESTORER, restore_rt, 0};
    action.info_handler = handler;
    return sigaction(signal, &action, NULL);
}
