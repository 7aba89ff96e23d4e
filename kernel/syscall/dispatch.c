/*
 * dispatch.c: from INT 80h to the call, and its answer into EAX.
 */
#include <cpu/control.h>
#include <cpu/trap.h>
#include <dev/console.h>
#include <lib/errno.h>
#include <lib/printk.h>
#include <proc/task_private.h>
#include <syscall/table.h>

static void dispatch(struct pt_regs *regs);
static int32_t unknown(uint32_t number);

static uint32_t counts[SYSCALLS];
static trap_handler *of_the_kernel; /* an INT 80h of ring 0 is nobody's */

void syscall_init(void) {
    of_the_kernel = trap_set_handler(SYSCALL_VECTOR, dispatch);
}

/* lab 13: begin */
/* Answers that are no answers, but say how the call is to be made again: deliver.c sees to them. */
static bool is_to_be_made_again(int32_t answer) {
    return answer <= -ERESTARTSYS && answer >= -ERESTART_RESTARTBLOCK;
}

static void dispatch(struct pt_regs *regs) {
    uint32_t number = regs->eax;
    int32_t answer;

    if (!user_mode(regs)) {
        of_the_kernel(regs);
        return;
    }
    sti();
    regs->error_code = number;
    if (number < SYSCALLS && syscalls[number].handler) {
        counts[number]++;
        answer = syscalls[number].handler(regs);
        if (is_to_be_made_again(answer)) current->proc->look = true;
    } else {
        answer = unknown(number);
    }
    regs->eax = (uint32_t)answer;
    cli();
}
/* lab 13: end */

/* Named once each: a program may try many times. */
static int32_t unknown(uint32_t number) {
    static bool large_named;
    bool *named = &large_named;

    if (number < SYSCALLS && counts[number]++ > 0) return -ENOSYS;
    if (number >= SYSCALLS) {
        if (*named) return -ENOSYS;
        *named = true;
    }
    console_fresh_line();
    printk("%s (pid %u): no system call %u\n", current->name, current->pid, number);
    return -ENOSYS;
}

const char *syscall_name(uint32_t number) {
    return number < SYSCALLS ? syscalls[number].name : NULL;
}

uint32_t syscall_count(uint32_t number) {
    return number < SYSCALLS ? counts[number] : 0;
}
