/*
 * proc_task.c: files of /proc/<pid>, in Linux's formats (proc(5)).
 */
#include <dev/tty.h>
#include <fs/fd.h>
#include <fs/proc.h>
#include <fs/vfs.h>
#include <lib/errno.h>
#include <mm/buddy.h>
#include <mm/swap.h>
#include <proc/oom.h>
#include <proc/task_private.h>

#define NICE 0
#define PRIORITY 20

static uint32_t threads_of(const struct task *task) {
    uint32_t threads = 0;
    for (const struct task *one = task_first(); one; one = one->next)
        if (one->tgid == task->tgid) threads++;
    return threads;
}

static uint32_t parent_of(const struct task *task) {
    return task->parent ? task->parent->tgid : 0;
}

static const struct mm_struct no_memory;

/* A process that has ended has none, and kernel threads never had any. */
static const struct mm_struct *memory_of(const struct task *task) {
    return task->mm ? task->mm : &no_memory;
}

static void stat(struct text *text, struct task *task) {
    const struct mm_struct *mm = memory_of(task);
    int foreground = task->tty ? (int)task->tty->foreground : -1;

    text_print(text, "%u (%s) %c %u %u %u %u %d 0 ", task->pid, task->name, task->state,
               parent_of(task), task->pgrp, task->session, tty_number(task->tty), foreground);
    text_print(text, "%u 0 %u 0 ", mm->minor_faults, mm->major_faults);
    text_print(text, "%u %u %u %u %d %d %u 0 %llu ", task->user_ticks, task->kernel_ticks,
               task->children_user_ticks, task->children_kernel_ticks, PRIORITY, NICE,
               threads_of(task), task->start_jiffies);
    text_print(text, "%llu %u %u %u %u %u 0 0 ", (uint64_t)mm->total_vm * PAGE_SIZE, mm_resident(mm),
               task->rlimit[RLIMIT_RSS].now, mm->start_code, mm->end_code, mm->start_stack);
    /* Signals, wchan, swap; then what wakes its parent, and the processor. */
    text_print(text, "0 0 0 0 0 0 0 %u 0 0 0 0 0 0 ", SIGCHLD);
    text_print(text, "%u %u %u %u %u %u %u %u\n", mm->start_data, mm->end_data, mm->start_brk,
               mm->arg_start, mm->arg_end, mm->env_start, mm->env_end, task->exit_code);
}

static void statm(struct text *text, struct task *task) {
    const struct mm_struct *mm = memory_of(task);

    text_print(text, "%u %u %u %u 0 %u 0\n", mm->total_vm, mm_resident(mm),
               mm->rss_file + mm->rss_shmem, mm->exec_vm, mm->data_vm + mm->stack_vm);
}

static const char *state_name(enum task_state state) {
    switch (state) {
    case TASK_RUNNING: return "R (running)";
    case TASK_INTERRUPTIBLE: return "S (sleeping)";
    case TASK_UNINTERRUPTIBLE: return "D (disk sleep)";
    case TASK_STOPPED: return "T (stopped)";
    case TASK_ZOMBIE: return "Z (zombie)";
    }
    return "?";
}

static void status_kb(struct text *text, const char *name, uint32_t pages) {
    text_print(text, "%s\t%8llu kB\n", name, kilobytes(pages));
}

static void status_memory(struct text *text, const struct mm_struct *mm) {
    status_kb(text, "VmPeak:", mm->peak_vm);
    status_kb(text, "VmSize:", mm->total_vm);
    status_kb(text, "VmLck:", mm_locked_pages(mm));
    status_kb(text, "VmPin:", 0);
    status_kb(text, "VmHWM:", mm->peak_rss);
    status_kb(text, "VmRSS:", mm_resident(mm));
    status_kb(text, "RssAnon:", mm->rss_anon);
    status_kb(text, "RssFile:", mm->rss_file);
    status_kb(text, "RssShmem:", mm->rss_shmem);
    status_kb(text, "VmData:", mm->data_vm);
    status_kb(text, "VmStk:", mm->stack_vm);
    status_kb(text, "VmExe:", (mm->end_code - mm->start_code + PAGE_SIZE - 1) / PAGE_SIZE);
    status_kb(text, "VmLib:", 0);
    status_kb(text, "VmPTE:", mm_table_pages(mm));
    status_kb(text, "VmSwap:", mm->swapped);
}

static void status_set(struct text *text, const char *name, sigset_t set) {
    text_print(text, "%s\t%016llx\n", name, set);
}

/* Those that are ignored, or those that have a handler. */
static sigset_t signals_with(const struct sighand_struct *sighand, bool ignored) {
    sigset_t set = 0;

    for (unsigned signal = 1; sighand && signal <= SIGNALS; signal++) {
        uint32_t handler = sighand->action[signal - 1].handler;
        if (ignored ? handler == SIG_IGN : handler > SIG_IGN) set |= sigmask(signal);
    }
    return set;
}

/* Kernel threads get none. */
static void status_signals(struct text *text, const struct task *task) {
    const struct signal_struct *process = task->proc->signal;

    text_print(text, "SigQ:\t%u/%u\n", process ? process->queued : 0, task->rlimit[RLIMIT_SIGPENDING].now);
    status_set(text, "SigPnd:", task->proc->pending.set);
    status_set(text, "ShdPnd:", process ? process->pending.set : 0);
    status_set(text, "SigBlk:", task->proc->blocked);
    status_set(text, "SigIgn:", signals_with(task->proc->sighand, true));
    status_set(text, "SigCgt:", signals_with(task->proc->sighand, false));
}

#define ALL_CAPABILITIES 0x000001FFFFFFFFFFull /* of Linux 6.1: CAP_LAST_CAP is 40 */

/* The superuser has all, others none: there is nothing between. */
static void status_rights(struct text *text, const struct task *task) {
    sigset_t able = task->euid == 0 ? ALL_CAPABILITIES : 0;
    sigset_t permitted = able || task->uid == 0 || task->suid == 0 ? ALL_CAPABILITIES : 0;

    status_set(text, "CapInh:", 0);
    status_set(text, "CapPrm:", permitted);
    status_set(text, "CapEff:", able);
    status_set(text, "CapBnd:", ALL_CAPABILITIES);
    status_set(text, "CapAmb:", 0);
    text_print(text, "NoNewPrivs:\t0\nSeccomp:\t0\nSeccomp_filters:\t0\n");
}

/* As Linux has it, in its order; left out is what there is no counterpart of. */
static void status(struct text *text, struct task *task) {
    text_print(text, "Name:\t%s\n", task->name);
    if (task->fs) text_print(text, "Umask:\t%04o\n", task->fs->umask);
    text_print(text, "State:\t%s\nTgid:\t%u\nNgid:\t0\nPid:\t%u\nPPid:\t%u\nTracerPid:\t0\n",
               state_name(task->state), task->tgid, task->pid, parent_of(task));
    text_print(text, "Uid:\t%u\t%u\t%u\t%u\n", task->uid, task->euid, task->suid, task->euid);
    text_print(text, "Gid:\t%u\t%u\t%u\t%u\n", task->gid, task->egid, task->sgid, task->egid);
    text_print(text, "FDSize:\t%u\nGroups:\t \n", task->files ? task->files->size : 0);
    text_print(text, "NStgid:\t%u\nNSpid:\t%u\nNSpgid:\t%u\nNSsid:\t%u\n", task->tgid, task->pid,
               task->pgrp, task->session);
    if (task->mm) status_memory(text, task->mm);
    text_print(text, "Threads:\t%u\n", threads_of(task));
    status_signals(text, task);
    status_rights(text, task);
    text_print(text, "Cpus_allowed:\t1\nCpus_allowed_list:\t0\nMems_allowed:\t1\nMems_allowed_list:\t0\n");
    text_print(text, "voluntary_ctxt_switches:\t%u\nnonvoluntary_ctxt_switches:\t%u\n",
               task->voluntary_switches, task->involuntary_switches);
}

static void comm(struct text *text, struct task *task) {
    text_print(text, "%s\n", task->name);
}

static void limits(struct text *text, struct task *task) {
    static const struct {
        enum rlimit_id id;
        const char *name, *unit;
    } rows[] = {
        {RLIMIT_CPU, "Max cpu time", "seconds"},
        {RLIMIT_FSIZE, "Max file size", "bytes"},
        {RLIMIT_DATA, "Max data size", "bytes"},
        {RLIMIT_STACK, "Max stack size", "bytes"},
        {RLIMIT_CORE, "Max core file size", "bytes"},
        {RLIMIT_RSS, "Max resident set", "bytes"},
        {RLIMIT_NPROC, "Max processes", "processes"},
        {RLIMIT_NOFILE, "Max open files", "files"},
        {RLIMIT_MEMLOCK, "Max locked memory", "bytes"},
        {RLIMIT_AS, "Max address space", "bytes"},
        {RLIMIT_LOCKS, "Max file locks", "locks"},
        {RLIMIT_SIGPENDING, "Max pending signals", "signals"},
        {RLIMIT_MSGQUEUE, "Max msgqueue size", "bytes"},
        {RLIMIT_NICE, "Max nice priority", ""},
        {RLIMIT_RTPRIO, "Max realtime priority", ""},
        {RLIMIT_RTTIME, "Max realtime timeout", "us"},
    };
    text_print(text, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rlimit limit = task->rlimit[rows[i].id];
        char now[16] = "unlimited", most[16] = "unlimited";
        if (limit.now != RLIM_INFINITY) snprintf(now, sizeof now, "%u", limit.now);
        if (limit.most != RLIM_INFINITY) snprintf(most, sizeof most, "%u", limit.most);
        text_print(text, "%-25s %-20s %-20s %-10s\n", rows[i].name, now, most, rows[i].unit);
    }
}

/* In thousandths of all memory and swap. */
static void score(struct text *text, struct task *task) {
    uint64_t pages = task->proc->signal ? oom_score(task) : 0;

    text_print(text, "%llu\n", pages * 1000 / oom_all_pages());
}

void proc_score_adj(struct text *text, struct task *task) {
    text_print(text, "%d\n", task->proc->signal ? task->proc->signal->oom_score_adj : 0);
}

/* To make a process less likely to end is the superuser's right. */
int proc_set_score_adj(struct task *task, int32_t adj) {
    struct signal_struct *process = task->proc->signal;

    if (!process || adj < OOM_SCORE_ADJ_NEVER || adj > OOM_SCORE_ADJ_MOST) return -EINVAL;
    if (adj < process->oom_score_adj && current->euid != 0) return -EACCES;
    process->oom_score_adj = (int16_t)adj;
    return 0;
}

const struct proc_file proc_task_files[] = {
    {"cmdline", 0444, proc_cmdline, 0}, {"comm", 0444, comm, 0},     {"environ", 0400, proc_environ, 0},
    {"limits", 0444, limits, 0},        {"maps", 0444, proc_maps, 0}, {"mounts", 0444, proc_mounts, 0},
    {"oom_score", 0444, score, 0},      {"oom_score_adj", 0644, proc_score_adj, 0},
    {"pagemap", 0400, 0, &proc_pagemap},
    {"pages", 0400, proc_pages, 0},     {"stat", 0444, stat, 0},     {"statm", 0444, statm, 0},
    {"status", 0444, status, 0},        {0, 0, 0, 0},
};
