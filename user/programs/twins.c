/*
 * twins.c: two processes that do nothing but be there, for those who look from outside: the same
 * addresses, in part the same frames.
 *
 *   20000000  written by each after fork(): a frame of its own
 *   20001000  written before fork(), only read since: one frame, read-only in both
 */
#include "lib.h"

#define OWN 0x20000000u
#define SHARED 0x20001000u

__attribute__((noreturn)) static void live(void) {
    for (;;) *(volatile uint32_t *)(OWN + 4) += *(volatile uint32_t *)SHARED;
}

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    (void)mmap(OWN, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
               0);
    *(volatile uint32_t *)OWN = 0x11111111;
    *(volatile uint32_t *)SHARED = 0x5EA5EA5E;
    printf("twins: before fork()\n");
    sleep_ms(300);
    int32_t child = fork();
    *(volatile uint32_t *)OWN = child ? 0xAAAAAAAA : 0xBBBBBBBB;
    if (child) printf("twins: %d and %d\n", getpid(), child);
    live();
}
