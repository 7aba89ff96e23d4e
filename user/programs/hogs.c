/*
 * hogs.c: programs that want more memory than there is, for the tests of who ends.
 *
 *   hogs bomb SECONDS     each starts another and takes memory, until the time is over
 *   hogs kill COUNT MB    six use MB each; one after the other is killed, wherever it is, and replaced
 */
#include "lib.h"

#define PAGES_OF_MB 256u
#define HOGS 6u

static uint32_t random_state;

static uint32_t random_below(uint32_t end) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % end;
}

static uint32_t seconds(void) {
    return (uint32_t)now_ms() / 1000;
}

/* ---- bomb ---- */

/* The kernel may refuse to fork, or end any of them: each goes on with what it has. */
static void explode(uint32_t end) {
    while (seconds() < end) {
        (void)fork();
        uint32_t at = mmap(0, PAGES_OF_MB * PAGE, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (is_error(at)) break;
        for (uint32_t page = 0; page < PAGES_OF_MB && seconds() < end; page++)
            *(volatile uint32_t *)(at + page * PAGE) = page;
    }
}

/* Those whose parent was ended are init's children, but all are of one group: it is gone when the last is
 * reaped. */
static int bomb(uint32_t duration) {
    uint32_t start = seconds();
    int32_t child = fork();
    if (!child) {
        setpgid(0, 0);
        explode(start + duration);
        _exit(0);
    }
    while (seconds() < start + duration) sleep_ms(200);
    while (!kill(-child, SIGKILL)) {
        waitpid(child, NULL, WNOHANG);
        sleep_ms(50);
    }
    printf("@HOGS bomb: %u were ended for want of memory\n",
           file_number("/proc/vmstat", "oom_kill "));
    return 0;
}

/* ---- kill ---- */

/* Writes and checks pages at random: what it finds is what it wrote. */
static void use(uint32_t pages) {
    uint32_t at = get_pages(pages);
    random_state = (uint32_t)getpid() * 2654435761u | 1;
    for (;;) {
        volatile uint32_t *words = (uint32_t *)(at + random_below(pages) * PAGE);
        if (words[0] != words[1023]) {
            printf("@HOGS WRONG: %x %x\n", words[0], words[1023]);
            _exit(1);
        }
        words[0] = words[1023] = random_state;
    }
}

static int32_t start(uint32_t pages) {
    int32_t child = fork();
    if (!child) use(pages);
    return child;
}

/* Killed by us: anything else is wrong, as there is swap for all of them. */
static uint32_t end(int32_t pid) {
    int status = 0;
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return status != SIGKILL;
}

static int kill_many(uint32_t count, uint32_t pages) {
    int32_t pids[HOGS];
    uint32_t wrong = 0;
    random_state = 88172645u;
    for (uint32_t i = 0; i < HOGS; i++) pids[i] = start(pages);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t which = random_below(HOGS);
        sleep_ms(random_below(40));
        wrong += end(pids[which]);
        pids[which] = start(pages);
        if (pids[which] < 0) wrong++;
    }
    uint32_t out = file_number("/proc/vmstat", "pswpout "), in = file_number("/proc/vmstat", "pswpin ");
    for (uint32_t i = 0; i < HOGS; i++) wrong += end(pids[i]);
    printf("@HOGS kill: %u killed, %u wrong, pages out %u, in %u\n", count + HOGS, wrong, out, in);
    return wrong != 0;
}

int main(int argc, char **argv) {
    uint32_t number = argc > 2 ? parse_number(argv[2], 10) : 0;

    if (argc > 2 && !strcmp(argv[1], "bomb")) return bomb(number);
    if (argc > 3 && !strcmp(argv[1], "kill"))
        return kill_many(number, parse_number(argv[3], 10) * PAGES_OF_MB);
    complain("hogs: bomb SECONDS, or kill COUNT MB\n");
    return 1;
}
