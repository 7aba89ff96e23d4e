/*
 * exec.c: execve().
 */
#include <ascent/layout.h>
#include <boot/boot.h>
#include <boot/step_program.h>
#include <cpu/control.h>
#include <cpu/cpuid.h>
#include <cpu/gdt.h>
#include <dev/pit.h>
#include <fs/fd.h>
#include <fs/file.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <mm/tlb.h>
#include <proc/clock.h>
#include <proc/exec.h>
#include <proc/exit.h>
#include <proc/fpu.h>
#include <proc/schedule.h>
#include <proc/task_private.h>
#include <proc/tls.h>
#include <syscall/syscall.h>

#define SCRIPTS_MAX 5 /* a script that runs a script ... */
#define STACK_RANDOM_PAGES 2048u
#define STACK_SPACE_MIN 0x08000000u /* 128 MB are kept for the stack, or its limit if that is more */
#define STACK_SPACE_MAX 0x80000000u
#define EFLAGS_START (EFLAGS_IF | 2u)

static int32_t open_program(struct exec *exec, const char *path, char *interpreter);
static int32_t load(struct exec *exec);
static int32_t commit(struct exec *exec, struct mm_struct *old, struct pt_regs *regs);

int32_t task_exec(const char *path, struct strings *argv, struct strings *envp,
                  struct pt_regs *regs) {
    struct exec *exec = kzalloc(sizeof *exec, GFP_KERNEL);
    char interpreter[EXEC_HEAD_BYTES];
    struct mm_struct *old = current->mm;
    int32_t error = -ENOMEM;

    if (!exec) {
        strings_free(argv);
        strings_free(envp);
        return error;
    }
    exec->name = exec->path = path;
    exec->argv = *argv;
    exec->envp = *envp;
    error = exec->argv.count ? 0 : strings_add(&exec->argv, "");
    if (!error) error = open_program(exec, path, interpreter);
    if (!error) error = load(exec);
    if (!error) error = commit(exec, old, regs);
    if (exec->file) file_put(exec->file);
    strings_free(&exec->argv);
    strings_free(&exec->envp);
    kfree(exec);
    return error;
}

/* ---- what is to run ---- */

static int32_t open_one(struct exec *exec, const char *path) {
    if (exec->file) file_put(exec->file);
    exec->file = NULL;
    int32_t error = file_open_exec(path, &exec->file);
    if (error) return error;
    memset(exec->head, 0, sizeof exec->head);
    int32_t got = file_read_kernel(exec->file, exec->head, sizeof exec->head, 0);
    return got < 0 ? got : 0;
}

static int32_t open_program(struct exec *exec, const char *path, char *interpreter) {
    int32_t error = open_one(exec, path);

    for (unsigned scripts = 0; !error; scripts++) {
        int32_t is_script = script_load(exec, interpreter, EXEC_HEAD_BYTES);
        if (is_script <= 0) return is_script;
        if (scripts == SCRIPTS_MAX) return -ELOOP;
        error = open_one(exec, interpreter);
        exec->path = interpreter;
    }
    return error;
}

/* ---- the new space, with the old one at hand ---- */

static void enter(struct mm_struct *mm) {
    uint32_t eflags = irq_save();

    current->mm = mm;
    mm_load(mm ? &mm->pt : &kernel_mm); /* step: cr3-switch */
    irq_restore(eflags);
    if (mm) step_space_loaded();
}

/* The stack at the top, then room for it to grow, then the maps downwards. */
static void lay_out(struct exec *exec) {
    uint32_t stack = current->rlimit[RLIMIT_STACK].now;

    if (stack < STACK_SPACE_MIN) stack = STACK_SPACE_MIN;
    if (stack > STACK_SPACE_MAX) stack = STACK_SPACE_MAX;
    exec->stack_top = PAGE_OFFSET - exec_random_pages(STACK_RANDOM_PAGES);
    exec->mm->mmap_base = ((PAGE_OFFSET - stack - (STACK_RANDOM_PAGES + STACK_GAP_PAGES) * PAGE_SIZE) &
                           ~(PAGE_SIZE - 1u)) - exec_random_pages(MMAP_RANDOM_PAGES);
    exec->mm->limit_as = current->rlimit[RLIMIT_AS].now;
    exec->mm->limit_data = current->rlimit[RLIMIT_DATA].now;
    exec->mm->limit_stack = current->rlimit[RLIMIT_STACK].now;
}

static int32_t load(struct exec *exec) {
    struct mm_struct *old = current->mm;

    exec->mm = mm_alloc();
    if (!exec->mm) return -ENOMEM;
    lay_out(exec);
    enter(exec->mm);
    int32_t error = elf_load(exec);
    if (!error) error = exec_stack_fill(exec);
    if (!error) return 0;
    enter(old);
    mm_put(exec->mm);
    return error;
}

/* ---- no way back ---- */

static void set_name(const char *path) {
    const char *name = path;

    for (const char *at = path; *at; at++)
        if (*at == '/' && at[1]) name = at + 1;
    strlcpy(current->name, name, sizeof current->name);
}

/* What has a handler gets the default: the handler is gone with the old program. */
static void forget_handlers(struct task_private *me) {
    for (unsigned i = 0; i < SIGNALS; i++) {
        struct sigaction *action = &me->sighand->action[i];
        *action = (struct sigaction){.handler = action->handler == SIG_IGN ? SIG_IGN : SIG_DFL};
    }
    me->altstack = me->altstack_bytes = 0;
}

static void start_registers(struct pt_regs *regs, const struct exec *exec) {
    *regs = (struct pt_regs){
        .ds = USER_DS, .es = USER_DS, .ss = USER_DS, .cs = USER_CS,
        .eip = exec->start, .esp = exec->esp, .eflags = EFLAGS_START,
        .vector = regs->vector, .error_code = SYSCALL_NONE,
    };
}

/* Handlers that are shared with others are theirs to keep. */
static int32_t leave_sighand(struct task_private *me) {
    if (me->sighand->users == 1) return 0;
    struct sighand_struct *own = sighand_copy(me->sighand);
    if (!own) return -ENOMEM;
    sighand_put(me->sighand);
    me->sighand = own;
    return 0;
}

/* So are descriptors, of which exec closes some; with its own threads gone, those of other processes. */
static int32_t leave_files(void) {
    if (current->files->references == 1) return 0;
    struct files_struct *own = files_copy(current->files);
    if (!own) return -ENOMEM;
    files_put(current->files);
    current->files = own;
    return 0;
}

static int32_t commit(struct exec *exec, struct mm_struct *old, struct pt_regs *regs) {
    struct task_private *me = current->proc;
    int32_t error = leave_sighand(me);

    enter(old);
    if (!error) error = threads_end_others();
    if (!error) error = leave_files();
    if (error) {
        mm_put(exec->mm);
        return error;
    }
    task_leave_space();
    enter(exec->mm);
    forget_handlers(me);
    fpu_drop();
    for (unsigned i = 0; i < TLS_ENTRIES; i++) me->tls[i] = 0;
    uint32_t eflags = irq_save();
    tls_load(current);
    irq_restore(eflags);
    me->signal->has_execed = true;
    me->exit_signal = SIGCHLD;
    files_close_on_exec(current->files);
    set_name(exec->name);
    file_get(exec->file);
    exec->mm->exe = exec->file;
    start_registers(regs, exec);
    return 0;
}

/* ---- addresses that nobody can guess ---- */

static uint64_t random_state;
static bool not_random;

static uint64_t number(const char *text) {
    uint64_t value = 0;

    for (; *text >= '0' && *text <= '9'; text++) value = value * 10 + (uint64_t)(*text - '0');
    return value;
}

static void seed(void) {
    char value[24];

    not_random = cmdline_option("norandmaps", value, sizeof value);
    if (cmdline_option("aslr_seed", value, sizeof value))
        random_state = (number(value) + 1) * 0x9E3779B97F4A7C15ull; /* 2^64 / golden ratio: bits apart */
    else
        random_state = (clock_realtime() ^ (cpu.tsc ? rdtsc() : 0) ^ ((uint64_t)jiffies << 40)) | 1;
}

/* xorshift64 (Marsaglia, "Xorshift RNGs", 2003): not for secrets. */
uint32_t exec_random(void) {
    if (!random_state) seed();
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32);
}

uint32_t exec_random_pages(uint32_t pages) {
    uint32_t random = exec_random();

    return not_random ? 0 : random % pages * PAGE_SIZE;
}
