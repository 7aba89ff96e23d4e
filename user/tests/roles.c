/*
 * roles.c: what this program does when a case executes it again: "tests --role NAME ARGUMENT". The
 * answer is the exit status.
 */
#include "test.h"

static int role_arguments(int argc, char **argv) {
    if (argc != 4 || strcmp(argv[1], "") || strcmp(argv[2], "a b") || strcmp(argv[3], "\xFF"))
        return 1;
    if (strcmp(environ[0], "A=1") || strcmp(environ[1], "EMPTY=") || environ[2]) return 2;
    return strcmp(getenv("A"), "1") ? 3 : 0;
}

/* Itself in the page that goes, whatever the compiler and the linker make of it. */
__attribute__((noinline, aligned(64))) static int role_unmap_code(void) {
    munmap((uint32_t)role_unmap_code & -PAGE, PAGE);
    return 1; /* not reached: this code has gone */
}

/* What the kernel says of its end comes in the middle of a line. */
static int role_half_line(void) {
    write(1, "half a line", 11);
    return *words_at(0) != 0;
}

/* Over the program's own code, data and stack only MAP_FIXED goes; a hint gives way. */
static int role_map_over(const char *what) {
    static int data = 1;
    uint32_t at = (uint32_t)role_map_over;
    if (!strcmp(what, "data")) at = (uint32_t)&data;
    if (!strcmp(what, "stack")) at = (uint32_t)&what;
    int fd = make_file("/tmp/over", PAGE);
    uint32_t got = mmap(at & -PAGE, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
    unlink("/tmp/over");
    return is_error(got) || got == (at & -PAGE) || data != 1;
}

static int role_signals(void) {
    struct sigaction one, two;
    uint64_t mask;
    sigaction(SIGUSR1, NULL, &one);
    sigaction(SIGUSR2, NULL, &two);
    sigprocmask(SIG_SETMASK, NULL, &mask);
    return one.handler != SIG_DFL || two.handler != SIG_IGN || mask != signal_bit(SIGTERM);
}

/* What start.asm saw is gone; what the kernel promised about memory can be looked at. */
static int role_entry_state(void) {
    uint32_t argc_at = (uint32_t)environ;
    if (argc_at % 4) return 1;
    if ((uint32_t)aux_value(AT_EXECFN) < argc_at) return 2; /* strings lie above the pointers */
    uint32_t flags;
    uint16_t cs, ds, ss;
    __asm__("pushf\n pop %0\n mov %%cs, %1\n mov %%ds, %2\n mov %%ss, %3"
            : "=r"(flags), "=r"(cs), "=r"(ds), "=r"(ss));
    if ((cs & 3) != 3 || (ss & 3) != 3 || ds != ss) return 3;
    return flags & 0x400 || !(flags & 0x200) ? 4 : 0; /* DF clear, IF set */
}

static int role_write_random(int fd) {
    uint32_t answer[5];
    memcpy(answer, (const void *)aux_value(AT_RANDOM), 16);
    answer[4] = (uint32_t)&answer;
    return write(fd, answer, sizeof answer) != sizeof answer;
}

int role(int argc, char **argv) {
    const char *name = argv[0], *argument = argc > 1 ? argv[1] : "";
    int number = (int)parse_number(argument, 10);
    int32_t pid = getpid();
    if (!strcmp(name, "exit")) return number;
    if (!strcmp(name, "arguments")) return role_arguments(argc, argv);
    if (!strcmp(name, "length")) return (int)(strlen(argument) % 251);
    if (!strcmp(name, "is-empty")) return try_read(parse_number(argument, 16)) != MAPERR;
    if (!strcmp(name, "unmap-code")) return role_unmap_code();
    if (!strcmp(name, "half-line")) return role_half_line();
    if (!strcmp(name, "map-over")) return role_map_over(argument);
    if (!strcmp(name, "write-pid")) return write(number, &pid, sizeof pid) != sizeof pid;
    if (!strcmp(name, "fd-is-open")) return fcntl(number, F_GETFD, 0) < 0;
    if (!strcmp(name, "signals-after-exec")) return role_signals();
    if (!strcmp(name, "entry-state")) return role_entry_state();
    if (!strcmp(name, "write-random")) return role_write_random(number);
    return 99;
}
