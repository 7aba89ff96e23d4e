/*
 * jobs.c: job control. Every pipeline is a process group of its own, and the terminal belongs to
 * one group at a time: Ctrl+C and Ctrl+Z go to all processes of it and to nobody else; who reads
 * from the terminal without owning it is stopped (SIGTTIN).
 */
#include "sh.h"

struct job {
    int32_t group; /* 0: free */
    int processes; /* that have not ended */
    bool stopped;
    char text[32];
};

static struct job jobs[JOBS_MAX];
static int32_t own_group;

static const int ours_to_ignore[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};

static void set_signals(void (*handler)(int)) {
    for (size_t i = 0; i < sizeof ours_to_ignore / sizeof *ours_to_ignore; i++)
        handle(ours_to_ignore[i], handler, 0);
}

static void give_terminal(int32_t group) {
    ioctl(0, TIOCSPGRP, &group);
}

void jobs_start(void) {
    set_signals(SIG_IGN);
    own_group = getpid();
    setpgid(0, own_group);
    give_terminal(own_group);
}

/* In the child. Parent and child both set the group: whoever comes first. */
void job_child_start(int32_t group, bool background) {
    if (!interactive) return;
    setpgid(0, group);
    if (!background) give_terminal(group ? group : getpid());
    set_signals(SIG_DFL);
    interactive = false;
}

void job_parent_start(int32_t pid, int32_t *group) {
    if (!*group) *group = pid;
    if (interactive) setpgid(pid, *group);
}

static struct job *find(int32_t group) {
    for (int i = 0; i < JOBS_MAX; i++)
        if (jobs[i].group == group) return &jobs[i];
    return NULL;
}

static struct job *remember(int32_t group, int processes, const char *text) {
    struct job *job = find(0);
    if (!job) return NULL;
    *job = (struct job){.group = group, .processes = processes};
    format(job->text, sizeof job->text, "%s", text ? text : "");
    return job;
}

static void say(const struct job *job, const char *what) {
    complain("[%d] %d %s  %s\n", (int)(job - jobs) + 1, job->group, what, job->text);
}

static int status_of(int status) {
    return status & 0x7F ? 128 + (status & 0x7F) : status >> 8 & 0xFF;
}

/* Waits for a job in the foreground; its status is that of its last process. */
int job_wait(int32_t group, int32_t last, int processes, const char *text) {
    int result = 0;
    while (processes) {
        int status;
        int32_t pid = waitpid(interactive ? -group : -1, &status, interactive ? WUNTRACED : 0);
        if (pid == -EINTR) continue;
        if (pid < 0) break;
        if ((status & 0xFF) == 0x7F) { /* stopped: Ctrl+Z */
            struct job *job = remember(group, processes, text);
            if (job) {
                job->stopped = true;
                say(job, "stopped");
            }
            result = 128 + (status >> 8);
            break;
        }
        processes--;
        if (pid == last) result = status_of(status);
        if ((status & 0x7F) && (status & 0x7F) != SIGINT && (status & 0x7F) != SIGPIPE)
            complain("sh: %d: %s\n", pid, describe_status(status));
    }
    if (interactive) give_terminal(own_group);
    return result;
}

void job_background(int32_t group, int processes, const char *text) {
    const struct job *job = remember(group, processes, text);
    if (interactive && job) say(job, "runs");
    last_status = 0;
}

/* Those in the background that have ended since. */
void jobs_report(void) {
    for (int i = 0; i < JOBS_MAX; i++) {
        struct job *job = &jobs[i];
        int status;
        while (job->group && waitpid(-job->group, &status, WNOHANG) > 0) {
            if (--job->processes) continue;
            say(job, describe_status(status));
            job->group = 0;
        }
    }
}

void jobs_list(void) {
    for (int i = 0; i < JOBS_MAX; i++)
        if (jobs[i].group) say(&jobs[i], jobs[i].stopped ? "stopped" : "runs");
}

/* fg and bg: the job with this number, or the newest that stopped. */
int job_continue(const char *which, bool foreground) {
    struct job *job = NULL;
    for (int i = 0; i < JOBS_MAX; i++)
        if (jobs[i].group && (which ? (int)parse_number(which, 10) == i + 1 : 1)) job = &jobs[i];
    if (!job) {
        complain("sh: no such job\n");
        return 1;
    }
    struct job it = *job;
    job->stopped = false;
    if (foreground) {
        job->group = 0;
        give_terminal(it.group);
    }
    kill(-it.group, SIGCONT);
    return foreground ? job_wait(it.group, 0, it.processes, it.text) : 0;
}
