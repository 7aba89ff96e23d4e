/*
 * thread.c: kernel threads, and the first turn of any task.
 */
#include <cpu/control.h>
#include <dev/pit.h>
#include <fs/file.h>
#include <mm/uaccess.h>
#include <proc/schedule.h>
#include <proc/task_private.h>
#include <proc/thread.h>

#define OPEN_FILES 1024u
#define OPEN_FILES_MOST 4096u
#define SIGNALS_QUEUED 1024u /* of a process; Linux counts those of a user */

/* What switch_stacks() pops. */
struct switch_frame {
    uint32_t edi, esi, ebx, ebp, eip;
};

void task_first_run(void); /* switch.asm */
void task_start(void);

/*
 *   top   struct pt_regs   where it will be in ring 3
 *   esp   switch_frame     EBP = 0 ends a backtrace
 */
void thread_prepare(struct task *task) {
    struct switch_frame *frame = (struct switch_frame *)task_regs(task) - 1;

    *frame = (struct switch_frame){.eip = (uint32_t)task_first_run};
    task->proc->esp = (uint32_t)frame;
}

static struct task *make(const char *name, void (*run)(void *with), void *with) {
    struct task *task = task_alloc(name);

    if (!task) return NULL;
    task->proc->run = run;
    task->proc->with = with;
    task->start_jiffies = jiffies;
    thread_prepare(task);
    return task;
}

static void let_run(struct task *task, uint32_t pid) {
    uint32_t eflags = irq_save();

    task_list_add(task, pid);
    task->tgid = task->pid;
    task_ready(task);
    irq_restore(eflags);
}

struct task *thread_start(const char *name, uint32_t pid, void (*run)(void *with), void *with) {
    struct task *task = make(name, run, with);

    if (task) let_run(task, pid);
    return task;
}

/* ---- with all that a process has ---- */

/* As Linux starts its first process, but for what depends on the size of memory. */
static void set_limits(struct task *task) {
    for (unsigned i = 0; i < RLIMITS; i++)
        task->rlimit[i] = (struct rlimit){RLIM_INFINITY, RLIM_INFINITY};
    task->rlimit[RLIMIT_STACK].now = STACK_LIMIT_DEFAULT;
    task->rlimit[RLIMIT_CORE].now = 0;
    task->rlimit[RLIMIT_NPROC] = (struct rlimit){TASKS_MAX, TASKS_MAX};
    task->rlimit[RLIMIT_SIGPENDING] = (struct rlimit){SIGNALS_QUEUED, SIGNALS_QUEUED};
    task->rlimit[RLIMIT_NOFILE] = (struct rlimit){OPEN_FILES, OPEN_FILES_MOST};
}

static bool give_parts(struct task *task) {
    struct task_private *proc = task->proc;

    proc->sighand = sighand_copy(NULL);
    proc->signal = signal_struct_alloc(task);
    task->files = files_alloc();
    task->fs = fs_alloc();
    return proc->sighand && proc->signal && task->files && task->fs;
}

static void take_parts(struct task *task) {
    struct task_private *proc = task->proc;

    if (proc->sighand) sighand_put(proc->sighand);
    if (proc->signal) signal_struct_put(proc->signal);
    if (task->files) files_put(task->files);
    if (task->fs) fs_put(task->fs);
}

struct task *process_start(const char *name, uint32_t pid, void (*run)(void *with), void *with) {
    struct task *task = make(name, run, with);

    if (!task) return NULL;
    if (!give_parts(task)) {
        take_parts(task);
        task_free(task);
        return NULL;
    }
    set_limits(task);
    task->proc->exit_signal = SIGCHLD;
    task->parent = current;
    task->sibling = current->first_child;
    current->first_child = task;
    let_run(task, pid);
    return task;
}

/* Called by task_first_run, with interrupts off. */
void task_start(void) {
    schedule_finish();
    sti();
    if (current->proc->run) current->proc->run(current->proc->with);
    else if (current->proc->set_child_tid) (void)put_user(current->proc->set_child_tid, current->pid);
    if (current->mm) return;
    task_list_remove(current);
    schedule_end(true);
}
