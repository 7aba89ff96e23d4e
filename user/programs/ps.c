/*
 * ps.c: the processes, as /proc/<pid>/stat describes them (proc(5)).
 */
#include "lib.h"

/* The field of a line of /proc/<pid>/stat: 1 is the pid. The name may hold anything, so that what
 * comes behind it is counted from its last parenthesis. */
static uint32_t field(const char *line, int number) {
    const char *at = line;
    for (const char *next = line; (next = strchr(next, ')')); next++) at = next;
    for (int i = 2; i < number && at; i++) at = strchr(at + 1, ' ');
    return at ? parse_number(at + 1, 10) : 0;
}

static void show(const char *pid) {
    char path[64], line[512];
    format(path, sizeof path, "/proc/%s/stat", pid);
    if (read_file(path, line, sizeof line) <= 0) return;
    char *name = strchr(line, '('), *end = line;
    for (char *next = line; (next = strchr(next, ')')); next++) end = next;
    if (!name || end <= name) return;
    *end = 0;
    char state = end[2];
    *end = ')';
    uint32_t parent = field(line, 4), group = field(line, 5), kilobytes = field(line, 23) / 1024;
    uint32_t resident = field(line, 24) * (PAGE / 1024), faults = field(line, 10);
    *end = 0;
    printf("%5s %5u %5u %c %8u %8u %8u %s\n", pid, parent, group, state, kilobytes, resident,
           faults, name + 1);
}

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    static char buffer[4096];
    int32_t fd = open("/proc", O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0) {
        complain("ps: /proc: %s\n", error_name(fd));
        return 1;
    }
    printf("  PID  PPID  PGRP S   VM(KB)  RSS(KB)   FAULTS NAME\n");
    for (;;) {
        int32_t got = getdents(fd, buffer, sizeof buffer);
        if (got <= 0) return 0;
        for (int32_t at = 0; at < got; at += ((struct dirent64 *)(buffer + at))->bytes) {
            const char *name = ((struct dirent64 *)(buffer + at))->name;
            if (*name >= '1' && *name <= '9') show(name);
        }
    }
}
