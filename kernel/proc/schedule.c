/*
 * schedule.c: who runs. The switch itself: switch.asm. Chapter: docs/25-scheduling-and-the-switch.md.
 */
#include <cpu/control.h>
#include <cpu/panic.h>
#include <cpu/stack.h>
#include <cpu/trap.h>
#include <cpu/tss.h>
#include <ascent/chapter.h>
#include <ascent/layout.h>
#include <dev/pic.h>
#include <dev/pit.h>
#include <dev/tty.h>
#include <mm/tlb.h>
#include <proc/fpu.h>
#include <proc/load.h>
#include <proc/schedule.h>
#include <proc/task_private.h>
#include <proc/tls.h>

void switch_stacks(uint32_t *save_esp, uint32_t load_esp); /* switch.asm */

volatile bool need_resched;
uint32_t idle_ticks;
uint64_t context_switches;

static struct task *ready_first, **ready_end = &ready_first;
static struct task *ended; /* it runs no more, but its stack was in use until the switch */
static bool idle;
static trap_handler *tick_before;

static void switch_to(struct task *next);
static void wait_for_interrupt(void);
static void tick(struct pt_regs *regs);

void schedule_init(void) {
    current->proc->slice = SLICE_TICKS;
    tick_before = irq_set_handler(IRQ_TIMER, tick);
}

/* ---- the queue of those that are ready: first in, first out ---- */

void task_ready(struct task *task) {
    task->state = TASK_RUNNING;
    task->proc->next_ready = NULL;
    *ready_end = task;
    ready_end = &task->proc->next_ready;
}

static struct task *take_ready(void) {
    struct task *task = ready_first;

    if (!task) return NULL;
    ready_first = task->proc->next_ready;
    if (!ready_first) ready_end = &ready_first;
    return task;
}

/* ---- the switch ---- */

/* Whoever blocks last waits for the interrupt that makes someone ready: there is no task for that. */
void schedule(void) {
    struct task *next;

    while (!(next = take_ready())) wait_for_interrupt();
    need_resched = false;
    next->proc->slice = SLICE_TICKS;
    if (next != current) switch_to(next);
}

static void wait_for_interrupt(void) {
    idle = true;
    sti(); /* takes effect after HLT has begun (SDM 2B, STI), so no interrupt is missed */
    hlt();
    cli();
    idle = false;
}

/* A kernel thread has no space, and leaves the one that is loaded: the kernel half is the same. */
static void load_space(const struct task *task) {
    if (task->mm && &task->mm->pt != mm_loaded()) mm_load(&task->mm->pt);
}

/* Where the processor puts its registers when it comes from ring 3 (SDM 3A §6.12.1). */
static uint32_t stack_top(const struct task *task) {
    if (!task->proc->stack) return (uint32_t)kernel_stack_top; /* the boot task's */
    return (uint32_t)task->proc->stack + KERNEL_STACK_SIZE;
}

static void switch_to(struct task *next) {
    struct task *before = current;

    load_space(next);
    fpu_switch(before, next);
    if (next->mm) tls_load(next);
    kernel_tss.esp0 = stack_top(next);
    context_switches++;
    current = next;
    switch_stacks(&before->proc->esp, next->proc->esp);
    schedule_finish(); /* of the task that runs now, which is `before` again */
}

void schedule_finish(void) {
    if (!ended) return;
    task_free(ended);
    ended = NULL;
}

void schedule_end(bool forget) {
    cli();
    current->state = TASK_ZOMBIE;
    if (forget) ended = current;
    schedule();
    panic("task %u runs after its end", current->pid);
}

void task_yield(void) {
    uint32_t eflags = irq_save();

    if (ready_first) {
        task_ready(current);
        schedule();
    }
    irq_restore(eflags);
}

/* ---- interrupts ---- */

static void count_tick(const struct pt_regs *regs) {
    if (idle) idle_ticks++;
    else if (regs->cs & 3) current->user_ticks++;
    else current->kernel_ticks++;
    if (!idle && current->proc->signal) signal_tick(current, regs->cs & 3);
}

static void tick(struct pt_regs *regs) {
    tick_before(regs);
    count_tick(regs);
    if (current->proc->slice > 0) current->proc->slice--;
    if (chapter_has(25) && current->proc->slice == 0 && ready_first) need_resched = true;
    tty_poll_input();
    load_tick();
    timers_tick();
}

void task_wake(struct task *task) {
    uint32_t eflags = irq_save();

    task->proc->woken = true;
    if (task->state == TASK_INTERRUPTIBLE || task->state == TASK_UNINTERRUPTIBLE) task_ready(task);
    irq_restore(eflags);
}
