/*
 * fork-bomb.c: processes until the kernel refuses; then they end, and everything is back.
 *
 *   fork-bomb [most]    no more than this many
 */
#include "lib.h"

static uint32_t free_kilobytes(void) {
    return file_number("/proc/meminfo", "MemFree:");
}

int main(int argc, char **argv) {
    uint32_t most = argc > 1 ? parse_number(argv[1], 10) : 100000, count = 0;
    uint32_t before = free_kilobytes();
    setpgid(0, 0);
    int32_t child = 0;
    while (count < most && (child = fork()) > 0) count++;
    if (!child && count < most) {
        pause();
        _exit(0);
    }
    uint32_t during = free_kilobytes();
    printf("%u children", count);
    if (child < 0) printf(", then fork() says %s", error_name(child));
    printf("\nfree before %u KB, now %u KB", before, during);
    if (count) printf(": %u KB for each", (before - during) / count);
    printf("\n");
    handle(SIGTERM, SIG_IGN, 0);
    kill(0, SIGTERM);
    uint32_t ended = 0;
    while (waitpid(-1, NULL, 0) > 0) ended++;
    printf("%u have ended; free %u KB\n", ended, free_kilobytes());
    return ended != count;
}
