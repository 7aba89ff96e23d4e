/*
 * exec.h: execve(): another program in the same task.
 *
 *   exec.c         the table of contents: open, look what it is, load, and only then leave the old space
 *   script.c       #! names the program that is to run it
 *   elf.c          the segments become areas of the new space: load_elf_binary
 *   exec_stack.c   what the program finds on its stack: argv, envp, the auxiliary vector
 *   strings.c      argv and envp, on their way from the old space to the new one
 *
 * Until exec.c commits, an error gives everything back, and the old program goes on with the errno.
 */
#ifndef PROC_EXEC_H
#define PROC_EXEC_H

#include <cpu/regs.h>
#include <proc/strings.h>
#include <proc/task.h>

#define EXEC_HEAD_BYTES 256 /* of the file, to see what it is: Linux's BINPRM_BUF_SIZE */

/* A program that is being loaded. */
struct exec {
    struct file *file;
    const char *name; /* as it was asked for: AT_EXECFN */
    const char *path; /* of the file: another if the first was a script */
    struct strings argv, envp;
    char head[EXEC_HEAD_BYTES]; /* filled up with zeros */

    struct mm_struct *mm; /* the new space */
    uint32_t phdr, phent, phnum, base, entry; /* for the auxiliary vector */
    uint32_t start;                           /* where it starts: the interpreter, if there is one */
    uint32_t stack_top, esp;
};

/*
 * Runs the program at `path` in place of the current one; `regs` are those that ring 3 goes on with.
 * Takes argv and envp over. 0; an error of execve(2): then nothing has changed.
 */
int32_t task_exec(const char *path, struct strings *argv, struct strings *envp,
                  struct pt_regs *regs);

/* ---- the steps ---- */

/* Is it a script? Then its interpreter takes its place, in front of argv. 0; 1: it was one; an error. */
int32_t script_load(struct exec *exec, char *interpreter, uint32_t bytes);

/* Maps the segments, and those of the interpreter. Enters the new space meanwhile: exec_enter(). */
int32_t elf_load(struct exec *exec);

/* Makes the stack, and sets `esp`. In the new space. */
int32_t exec_stack_fill(struct exec *exec);

/* A random multiple of PAGE_SIZE below `pages` pages; 0 if addresses are not to be random. Command
 * line: aslr_seed=<number> makes them the same each time, norandmaps 0. */
uint32_t exec_random_pages(uint32_t pages);
#define MMAP_RANDOM_PAGES 256u /* for the maps, and for programs below them */
uint32_t exec_random(void);

#endif
