/*
 * thread.c: kernel threads, and the first turn of any task.
 */
#include <cpu/control.h>
#include <cpu/gdt.h>
#include <proc/schedule.h>
#include <proc/task_private.h>
#include <proc/thread.h>

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

struct task *thread_start(const char *name, uint32_t pid, void (*run)(void *with), void *with) {
    struct task *task = task_alloc(name);

    if (!task) return NULL;
    task->proc->run = run;
    task->proc->with = with;
    thread_prepare(task);
    task_list_add(task, pid);
    task->tgid = task->pid;
    uint32_t eflags = irq_save();
    task_ready(task);
    irq_restore(eflags);
    return task;
}

/* Called by task_first_run, with interrupts off. */
void task_start(void) {
    schedule_finish();
    sti();
    if (current->proc->run) current->proc->run(current->proc->with);
    if (current->mm) return;
    task_list_remove(current);
    schedule_end(true);
}
