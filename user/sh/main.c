/*
 * main.c: sh [-c LINE | FILE]: where the lines come from.
 */
#include "sh.h"

bool interactive;
int last_status;

/* One line without its end; false at the end of the input. A byte at a time: what comes behind the
 * line belongs to the command that is started. */
static bool read_line(int fd, char line[LINE_MAX]) {
    size_t length = 0;
    for (;;) {
        char c;
        int32_t got = read(fd, &c, 1);
        if (got == -EINTR) {
            line[0] = 0;
            return true;
        }
        if (got <= 0 && !length) return false;
        if (got <= 0 || c == '\n') break;
        if (length < LINE_MAX - 1) line[length++] = c;
    }
    line[length] = 0;
    return true;
}

static void prompt(void) {
    char folder[256];
    if (!interactive) return;
    jobs_report();
    if (getcwd(folder, sizeof folder) < 0) strcpy(folder, "?");
    printf("%s # ", folder);
}

static void run_input(int fd) {
    static char line[LINE_MAX];
    for (prompt(); read_line(fd, line); prompt()) run_line(line);
    if (interactive) printf("\n");
}

int main(int argc, char **argv) {
    if (argc >= 3 && !strcmp(argv[1], "-c")) {
        run_line(argv[2]);
        return last_status;
    }
    int32_t input = 0;
    if (argc >= 2) input = open(argv[1], O_RDONLY | O_CLOEXEC, 0);
    if (input < 0) {
        complain("sh: %s: %s\n", argv[1], error_name(input));
        return 127;
    }
    struct termios terminal;
    interactive = argc < 2 && ioctl(0, TCGETS, &terminal) == 0;
    if (interactive) jobs_start();
    run_input(input);
    return last_status;
}
