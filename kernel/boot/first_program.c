/*
 * first_program.c: process 1, which all others come from.
 */
#include <boot/boot.h>
#include <boot/first_program.h>
#include <boot/step_program.h>
#include <dev/serial.h>
#include <dev/tty.h>
#include <fs/file.h>
#include <lib/errno.h>
#include <lib/printk.h>
#include <lib/string.h>
#include <mm/failalloc.h>
#include <monitor/monitor.h>
#include <proc/exec.h>
#include <proc/exit.h>
#include <proc/task_private.h>
#include <proc/thread.h>

#define DEFAULT_INIT "/init"
#define PATH_BYTES 128

static char path[PATH_BYTES];
static bool asked_for; /* init= names it */

static bool started;

static bool run_to_end(void);
static void start(void *with);
static void end_all(void);

static void report_end(uint32_t status) {
    uint32_t signal = status & SIGNAL_OF_CODE;

    if (signal) printk("%s has ended: by signal %u\n", path, signal);
    else printk("%s has ended: exit status %u\n", path, status >> 8);
}

void first_program_run(void) {
    asked_for = cmdline_option("init", path, sizeof path);
    if (!asked_for) strlcpy(path, DEFAULT_INIT, sizeof path);
    if (strcmp(path, "none") == 0 || !run_to_end()) failalloc_init();
}

/* False: it has not started. */
static bool run_to_end(void) {
    const struct wait_request request = {1, WEXITED};
    struct wait_answer answer;

    if (!process_start("init", 1, start, NULL)) {
        pr_err("no memory for %s\n", path);
        return false;
    }
    if (task_wait_child(&request, &answer) != 1 || !started) return false;
    end_all();
    tty_suspend();
    report_end(answer.status);
    return true;
}

/* Nobody is left to ask for them: they are children of the kernel's own task now. */
static void end_all(void) {
    const struct wait_request any = {-1, WEXITED | WALL};
    struct wait_answer answer;

    for (struct task *task = task_first(); task; task = task->next)
        if (task->proc->signal) signal_kill(task->proc->signal, SIGKILL);
    while (task_wait_child(&any, &answer) > 0) {}
}

/* ---- in process 1 ---- */

static int open_console(void) {
    for (unsigned fd = 0; fd < 3; fd++) {
        struct file *file;
        int error = file_open("/dev/console", O_RDWR, 0, &file);
        if (error) return error;
        error = fd_install(file, 0, false);
        if (error < 0) {
            file_put(file);
            return error;
        }
    }
    return 0;
}

static int32_t run(void) {
    static const char *const environment[] = {"HOME=/", "TERM=linux", "PATH=/sbin:/usr/sbin:/bin:/usr/bin"};
    struct strings argv = {0}, envp = {0};
    int32_t error = strings_add(&argv, path);

    for (unsigned i = 0; i < sizeof environment / sizeof environment[0] && !error; i++)
        error = strings_add(&envp, environment[i]);
    if (!error) return task_exec(path, &argv, &envp, task_regs(current));
    strings_free(&argv);
    strings_free(&envp);
    return error;
}

/* It comes back to go to ring 3. */
static void start(void *with) {
    (void)with;
    int32_t error = open_console();

    if (error) printk("%s: no /dev/console: error %d\n", path, -error);
    steps_await_program();
    error = run();
    if (!error) {
        started = true;
        monitor_watch();
        tty_init();
        failalloc_init();
        step_into_ring3();
        serial_write("@READY init\n");
        return;
    }
    if (error == -ENOMEM)
        pr_err("no memory for %s\n", path);
    else if (error != -ENOENT || asked_for)
        printk("%s cannot be run: error %d\n", path, -error);
    task_exit(0);
}
