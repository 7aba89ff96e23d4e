/*
 * init.c: process 1. Gives the machine a shell, and another one when it ends; and takes the exit
 * status of those whose parents have gone, which the kernel keeps until somebody asks (wait(2)).
 */
#include "lib.h"

static char *const environment[] = {"PATH=/bin:/sbin:/usr/bin:/usr/sbin",
                                    "HOME=/",
                                    "TERM=linux",
                                    "USER=root",
                                    "SHELL=/bin/sh",
                                    NULL};

/* Descriptors 0, 1 and 2 are the console, also where the kernel did not open them. */
static void open_console(void) {
    if (fcntl(0, F_GETFD, 0) >= 0) return;
    int32_t console = open("/dev/console", O_RDWR, 0);
    for (int fd = 0; fd < 3; fd++)
        if (fd != console) dup2(console, fd);
}

/* There already on Ascent; a Linux that is given this archive wants to be asked. */
static void mount_what_is_missing(void) {
    mkdir("/proc", 0555);
    mkdir("/dev", 0755);
    mkdir("/tmp", 01777);
    if (access("/proc/self", F_OK)) mount("proc", "/proc", "proc");
    if (access("/dev/null", F_OK)) mount("devtmpfs", "/dev", "devtmpfs");
}

/* A page of process 1 on a disk that fails would be the end of all: they do not go there. */
static void stay_in_memory(void) {
    mlockall(MCL_CURRENT | MCL_ONFAULT);
}

/* The swap partition of the disk that we came from, if it has one and the kernel can reach it. */
static void use_swap(void) {
    int32_t error = swapon("/dev/boot2");
    if (error && error != -ENOENT && error != -ENOSYS && error != -EBUSY)
        complain("init: no swap: /dev/boot2: %s\n", error_name(error));
}

/* A session of its own, whose controlling terminal the console becomes: so that Ctrl+C reaches what
 * runs in it (credentials(7)). */
static void become_shell(void) {
    char *arguments[] = {"-sh", NULL};
    setsid();
    ioctl(0, TIOCSCTTY, NULL);
    int32_t error = execve("/bin/sh", arguments, environment);
    complain("init: /bin/sh: %s\n", error_name(error));
    _exit(127);
}

static const char greeting[] =
    "\nA shell in ring 3. ls /bin shows what there is: maps cow grow overflow faults\n"
    "swapper thrash oom are lessons. poweroff ends the machine. Ctrl+] calls the kernel's monitor, and\n"
    "continue leads back from there.\n\n";

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    open_console();
    mount_what_is_missing();
    stay_in_memory();
    use_swap();
    write_all(1, greeting, sizeof greeting - 1);
    for (;;) {
        int32_t shell = fork();
        if (!shell) become_shell();
        if (shell < 0) complain("init: fork: %s\n", error_name(shell));
        int status = 0;
        int32_t ended = 0;
        while (ended != shell && ended != -ECHILD) ended = waitpid(-1, &status, 0);
        complain("init: the shell has ended: %s; here is another\n", describe_status(status));
        sleep_ms(200);
    }
}
