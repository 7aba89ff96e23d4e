/*
 * cat.c: files, or what comes in, to standard output.
 */
#include "lib.h"

static int copy(int from, const char *name) {
    static char buffer[8192];
    for (;;) {
        int32_t got = read(from, buffer, sizeof buffer);
        if (got == 0) return 0;
        if (got < 0) {
            complain("cat: %s: %s\n", name, error_name(got));
            return 1;
        }
        write_all(1, buffer, (size_t)got);
    }
}

int main(int argc, char **argv) {
    int status = argc > 1 ? 0 : copy(0, "standard input");
    for (int i = 1; i < argc; i++) {
        int32_t fd = open(argv[i], O_RDONLY, 0);
        if (fd < 0) {
            complain("cat: %s: %s\n", argv[i], error_name(fd));
            status = 1;
            continue;
        }
        status |= copy(fd, argv[i]);
        close(fd);
    }
    return status;
}
