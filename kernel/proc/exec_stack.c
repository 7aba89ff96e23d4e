/*
 * exec_stack.c: what a program finds on its stack (System V ABI i386, "Process Initialization"), as
 * Linux i386 lays it out:
 *
 *   top   0, the path of the program, the strings of envp, the strings of argv
 *         "i686", 16 random bytes
 *         auxiliary vector: pairs, AT_NULL last
 *         envp: addresses, 0 last
 *         argv: addresses, 0 last
 *   esp   argc       a multiple of 16
 */
#include <ascent/layout.h>
#include <cpu/cpuid.h>
#include <dev/pit.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <mm/uaccess.h>
#include <proc/exec.h>

#define AT_NULL 0
#define AT_PHDR 3
#define AT_PHENT 4
#define AT_PHNUM 5
#define AT_PAGESZ 6
#define AT_BASE 7
#define AT_FLAGS 8
#define AT_ENTRY 9
#define AT_UID 11
#define AT_EUID 12
#define AT_GID 13
#define AT_EGID 14
#define AT_PLATFORM 15
#define AT_HWCAP 16
#define AT_CLKTCK 17
#define AT_SECURE 23
#define AT_RANDOM 25
#define AT_HWCAP2 26
#define AT_EXECFN 31

#define RANDOM_WORDS 4
#define AUX_PAIRS 20
#define STACK_FIRST_BYTES 0x21000u /* Linux starts with 132 KB, too */

/* The lowest address that is in use so far. */
struct cursor {
    uint32_t at;
    int32_t error;
};

static uint32_t put(struct cursor *cursor, const void *from, uint32_t bytes) {
    cursor->at -= bytes;
    if (!cursor->error && copy_to_user(cursor->at, from, bytes)) cursor->error = -ENOMEM;
    return cursor->at;
}

/* Families from 6 on are all "i686", as in Linux. */
static uint32_t put_platform(struct cursor *cursor) {
    char platform[] = "i486";

    if (cpu.has_cpuid && cpu.family > 4) platform[1] = (char)('0' + (cpu.family < 6 ? cpu.family : 6));
    return put(cursor, platform, sizeof platform);
}

static uint32_t put_random(struct cursor *cursor) {
    uint32_t random[RANDOM_WORDS];

    for (unsigned i = 0; i < RANDOM_WORDS; i++) random[i] = exec_random();
    return put(cursor, random, sizeof random);
}

static uint32_t hwcap(void) {
    uint32_t registers[4];

    if (!cpu.has_cpuid) return 0;
    cpuid(1, 0, registers);
    return registers[3];
}

/* The addresses of strings that lie one behind another from `at` on, and a 0. */
static uint32_t *write_addresses(uint32_t *to, const struct strings *strings, uint32_t at) {
    const char *text = strings->text;

    for (uint32_t i = 0; i < strings->count; i++) {
        uint32_t bytes = (uint32_t)strlen(text) + 1;
        *to++ = at;
        at += bytes;
        text += bytes;
    }
    *to++ = 0;
    return to;
}

/* argc, argv, envp and the vector, as one block. */
static int32_t put_vectors(struct cursor *cursor, const struct exec *exec,
                           const uint32_t aux[AUX_PAIRS][2], uint32_t argv, uint32_t envp) {
    uint32_t words = 1 + exec->argv.count + 1 + exec->envp.count + 1;
    uint32_t bytes = words * sizeof(uint32_t) + AUX_PAIRS * 2 * sizeof(uint32_t);
    uint32_t *block = kmalloc(bytes, GFP_KERNEL), *to = block;

    if (!block) return -ENOMEM;
    *to++ = exec->argv.count;
    to = write_addresses(to, &exec->argv, argv);
    to = write_addresses(to, &exec->envp, envp);
    memcpy(to, aux, AUX_PAIRS * 2 * sizeof(uint32_t));
    cursor->at = (cursor->at - bytes) & ~15u;
    if (copy_to_user(cursor->at, block, bytes)) cursor->error = -ENOMEM;
    kfree(block);
    return cursor->error;
}

/* Linux gives argv and envp a quarter of the stack, but at least 128 KB. */
static bool is_too_much(const struct exec *exec) {
    uint32_t most = exec->mm->limit_stack / 4;

    return exec->argv.bytes + exec->envp.bytes > (most < STRING_MAX ? STRING_MAX : most);
}

int32_t exec_stack_fill(struct exec *exec) {
    if (is_too_much(exec)) return -E2BIG;
    struct cursor cursor = {exec->stack_top - 4, 0};
    struct mm_struct *mm = exec->mm;

    if (mm_set_stack(mm, exec->stack_top, STACK_FIRST_BYTES)) return -ENOMEM;
    uint32_t path = put(&cursor, exec->name, (uint32_t)strlen(exec->name) + 1);
    uint32_t envp = put(&cursor, exec->envp.text, exec->envp.bytes);
    uint32_t argv = put(&cursor, exec->argv.text, exec->argv.bytes);
    mm->env_start = envp;
    mm->env_end = envp + exec->envp.bytes;
    mm->arg_start = argv;
    mm->arg_end = argv + exec->argv.bytes;
    cursor.at &= ~15u;
    uint32_t platform = put_platform(&cursor), random = put_random(&cursor);

    const uint32_t aux[AUX_PAIRS][2] = {
        {AT_HWCAP, hwcap()},       {AT_PAGESZ, PAGE_SIZE},    {AT_CLKTCK, HZ},
        {AT_PHDR, exec->phdr},     {AT_PHENT, exec->phent},   {AT_PHNUM, exec->phnum},
        {AT_BASE, exec->base},     {AT_FLAGS, 0},             {AT_ENTRY, exec->entry},
        {AT_UID, current->uid},    {AT_EUID, current->euid},  {AT_GID, current->gid},
        {AT_EGID, current->egid},  {AT_SECURE, 0},            {AT_RANDOM, random},
        {AT_HWCAP2, 0},            {AT_EXECFN, path},         {AT_PLATFORM, platform},
        {AT_NULL, 0},
    };
    int32_t error = put_vectors(&cursor, exec, aux, argv, envp);
    if (error) return error;
    mm->start_stack = exec->esp = cursor.at;
    return 0;
}
