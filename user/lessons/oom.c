/*
 * oom.c: a program asks for memory until there is none, in the machine or in swap. The kernel then
 * ends one program, so that the others can go on: the one that has the most, whoever asked for the
 * last page.
 *
 * Three children: one has a quarter of memory and sleeps, one has little and sleeps, one asks for
 * ever.
 */
#include "lib.h"

#define MEGABYTE (1u << 20)
#define GREEDY 2u /* the third child */

struct shared { /* with the children */
    volatile uint32_t megabytes[3];
};

static struct shared *shared;

static void take(uint32_t child, uint32_t megabytes) {
    for (uint32_t i = 0; i < megabytes; i++) {
        uint32_t at = mmap(0, MEGABYTE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (is_error(at)) break;
        for (uint32_t page = at; page < at + MEGABYTE; page += PAGE)
            *(volatile uint32_t *)page = page;
        shared->megabytes[child]++;
    }
}

static int32_t start(uint32_t child, uint32_t megabytes) {
    int32_t pid = fork();
    if (pid) return pid;
    take(child, megabytes);
    if (child == GREEDY) _exit(0); /* it has come to the end of its addresses, not of memory */
    for (;;) pause();
}

static uint32_t kills(void) {
    return file_number("/proc/vmstat", "oom_kill ");
}

/* Which of the children ended; the others go on. */
static uint32_t wait_for_one(const int32_t *pids, int *status) {
    int32_t pid = waitpid(-1, status, 0);
    uint32_t child = 0;
    while (child < GREEDY && pids[child] != pid) child++;
    return child;
}

static void end_the_others(const int32_t *pids, const char *const *names, uint32_t ended) {
    for (uint32_t i = 0; i <= GREEDY; i++) {
        if (i == ended) continue;
        printf("%s %s, with %u MB\n", names[i], kill(pids[i], 0) ? "is gone, too" : "lives",
               shared->megabytes[i]);
        kill(pids[i], SIGKILL);
        waitpid(pids[i], NULL, 0);
    }
}

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    static const char *const names[] = {"the quiet one", "the small one", "the greedy one"};
    struct memory memory = memory_now();
    uint32_t before = kills();
    int status = 0;
    shared =
        (struct shared *)mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    printf("memory to be had: %u KB; swap: %u KB free%s\n", memory.available, memory.swap_free,
           memory.swap_total ? "" : " (there is none)");
    const int32_t pids[] = {start(0, memory.available / 4 / 1024), start(1, 1),
                            start(GREEDY, 4096)};
    for (uint32_t i = 0; i <= GREEDY; i++) printf("%s is process %d\n", names[i], pids[i]);
    uint32_t ended = wait_for_one(pids, &status);
    printf("%s ended when it had %u MB: %s\n", names[ended], shared->megabytes[ended],
           describe_status(status));
    uint32_t killed = kills() - before;
    if (killed)
        printf(
            "why: memory and swap were used up. The kernel has ended %u of all programs; its line above\n"
            "names the one that had the most, and what was left\n",
            killed);
    else if (status)
        printf("why: memory and swap were used up\n");
    else
        printf("memory is more than a program has addresses for: try with less of it (-m 64)\n");
    end_the_others(pids, names, ended);
    memory = memory_now();
    printf("afterwards: %u KB to be had, swap %u KB free\n", memory.available, memory.swap_free);
    printf("@OOM %s\n", names[ended]);
    return ended != GREEDY;
}
