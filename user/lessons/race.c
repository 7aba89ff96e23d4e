/*
 * race.c: two threads add to one number. "Add 1" is three steps: read, add, write; a switch between
 * them loses what the other did meanwhile. One instruction that does all three is not interrupted,
 * and LOCK keeps other processors out as well.
 */
#include "lib.h"

#define ROUNDS 3000000u
#define THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)

static volatile uint32_t number, finished;

static int add_in_steps(void *argument) {
    (void)argument;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint32_t seen = number;
        for (volatile int wait = 0; wait < 4; wait++) continue; /* time for a switch */
        number = seen + 1;
    }
    __sync_fetch_and_add(&finished, 1);
    futex(&finished, FUTEX_WAKE, 1, NULL);
    return 0;
}

static int add_at_once(void *argument) {
    (void)argument;
    for (uint32_t i = 0; i < ROUNDS; i++) __sync_fetch_and_add(&number, 1);
    __sync_fetch_and_add(&finished, 1);
    futex(&finished, FUTEX_WAKE, 1, NULL);
    return 0;
}

static void race(const char *what, int (*body)(void *)) {
    struct rusage before, after;
    number = finished = 0;
    getrusage(RUSAGE_SELF, &before);
    for (int i = 0; i < 2; i++) {
        uint32_t stack =
            mmap(0, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        clone_thread(THREAD, (void *)(stack + 4 * PAGE), body, NULL, NULL, NULL, NULL);
    }
    for (uint32_t now; (now = finished) < 2;) futex(&finished, FUTEX_WAIT, now, NULL);
    getrusage(RUSAGE_SELF, &after);
    printf("%-34s %u of %u, lost %u; %u switches by the clock\n", what, number, 2 * ROUNDS,
           2 * ROUNDS - number, after.involuntary_switches - before.involuntary_switches);
}

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    race("read, add, write:", add_in_steps);
    race("LOCK XADD:", add_at_once);
    return 0;
}
