/*
 * test_programs.c: a program in ring 3, from its file to its end, and what is left of it: nothing.
 */
#include <fs/file.h>
#include <fs/vfs.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <proc/exec.h>
#include <proc/exit.h>
#include <proc/task_private.h>
#include <proc/thread.h>
#include <selftest/accounting.h>
#include <selftest/failures.h>
#include <selftest/test.h>

#define PROGRAM "/program"
#define STATUS_END 7
#define STATUS_NO_EXEC 99

extern const char program_file[], program_file_end[]; /* program.asm */

static int32_t exec_error;

/* ---- in a process of its own ---- */

static void __attribute__((noreturn)) leave(uint32_t status) {
    task_exit(status << 8);
}

static void write_file(void *with) {
    const char *from = with;
    uint32_t bytes = (uint32_t)(program_file_end - program_file);
    struct io io = io_kernel((void *)from, bytes);
    uint64_t offset = 0;
    struct file *file;

    if (file_open(PROGRAM, O_WRONLY | O_CREAT | O_TRUNC, 0755, &file)) leave(1);
    int32_t written = file_write(file, &io, &offset);
    file_put(file);
    leave(written == (int32_t)bytes ? 0 : 1);
}

static void unlink_file(void *with) {
    struct walk walk;

    (void)with;
    if (walk_start(&walk, current->fs->root, PROGRAM)) leave(1);
    int error = tree_unlink(&walk);
    walk_end(&walk);
    leave(error ? 1 : 0);
}

static void run_file(void *with) {
    struct strings argv = {0}, envp = {0};

    (void)with;
    exec_error = strings_add(&argv, PROGRAM);
    if (!exec_error) exec_error = task_exec(PROGRAM, &argv, &envp, task_regs(current));
    else strings_free(&argv);
    if (exec_error) leave(STATUS_NO_EXEC);
}

/* ---- outside ---- */

/* The status as wait4() answers it; -1 if there was no memory for the process. */
static int32_t run(void (*what)(void *with), const void *with) {
    const struct wait_request request = {-1, WEXITED};
    struct wait_answer answer;

    if (!process_start("program", 0, what, (void *)with)) return -1;
    if (task_wait_child(&request, &answer) < 0) return -1;
    while (task_wait_child(&request, &answer) > 0) {} /* what it has left behind */
    return (int32_t)answer.status;
}

static char image[1024];

static void run_changed(unsigned offset, uint32_t value, unsigned bytes, int32_t error) {
    memcpy(image, program_file, (size_t)(program_file_end - program_file));
    memcpy(image + offset, &value, bytes);
    if (run(write_file, image) != 0) return;
    int32_t status = run(run_file, NULL);
    if (status != STATUS_NO_EXEC << 8 || exec_error != error) {
        CHECK_EQUAL(offset, 0);
        CHECK_EQUAL((uint32_t)-exec_error, (uint32_t)-error);
    }
}

/* With allocations failing, the file stays as the first run, in which none fails, has made it. */
static void from_start_to_end(void) {
    static bool written;

    if (!written && run(write_file, program_file) != 0) return;
    written = failures_wanted();
    accounting_start();
    for (unsigned i = 0; i < 3; i++) {
        int32_t status = run(run_file, NULL);
        if (!failures_wanted()) CHECK_EQUAL((uint32_t)status, STATUS_END << 8);
    }
    accounting_check();
    if (!written) run(unlink_file, NULL);
}

/* Each field that is wrong is refused, with the old program (here: the kernel thread) still there. */
static void broken_files(void) {
    if (!HAVE((size_t)(program_file_end - program_file) <= sizeof image)) return;
    if (failures_wanted()) return;
    accounting_start();
    run_changed(0, 0, 1, -ENOEXEC);           /* magic */
    run_changed(4, 2, 1, -ENOEXEC);           /* 64 bits */
    run_changed(5, 2, 1, -ENOEXEC);           /* big-endian */
    run_changed(16, 1, 2, -ENOEXEC);          /* ET_REL */
    run_changed(18, 62, 2, -ENOEXEC);         /* x86-64 */
    run_changed(42, 56, 2, -ENOEXEC);         /* size of a segment header */
    run_changed(44, 0, 2, -ENOEXEC);          /* no segments */
    run_changed(44, 3000, 2, -ENOEXEC);       /* too many */
    run_changed(28, 0x100000, 4, -ENOEXEC);   /* their headers behind the end of the file */
    run_changed(52 + 4, 4, 4, -EINVAL);       /* offset and address do not fit */
    run_changed(52 + 8, 0xC0000000, 4, -EINVAL); /* in the kernel's half */
    run_changed(52 + 20, 0xC0000000, 4, -EINVAL); /* larger than the user half */
    run_changed(52 + 20, 1, 4, -EINVAL);      /* more in the file than in memory */
    run_changed(52, 3, 4, -ENOENT);           /* PT_INTERP, of a file that is not there */
    run(unlink_file, NULL);
    accounting_check();
}

static const struct test_case cases[] = {
    {"from_start_to_end", from_start_to_end},
    {"broken_files", broken_files},
};

const struct test_suite suite_programs = TEST_SUITE("programs", cases);
