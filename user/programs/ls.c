/*
 * ls.c: the names in a directory, with kind, rights and size.
 */
#include "lib.h"

static char kind_of(uint32_t mode) {
    switch (mode & S_IFMT) {
    case S_IFDIR: return 'd';
    case S_IFLNK: return 'l';
    case S_IFCHR: return 'c';
    case S_IFIFO: return 'p';
    default: return '-';
    }
}

static void show(const char *folder, const char *name) {
    char path[512], target[256] = "", rights[11];
    struct stat64 it;
    format(path, sizeof path, "%s/%s", folder, name);
    if (lstat(path, &it)) return;
    rights[0] = kind_of(it.mode);
    for (int bit = 0; bit < 9; bit++)
        rights[1 + bit] = it.mode >> (8 - bit) & 1 ? "rwx"[bit % 3] : '-';
    rights[10] = 0;
    if (rights[0] == 'l') {
        int32_t length = readlink(path, target, sizeof target - 1);
        if (length > 0) target[length] = 0;
    }
    printf("%s %3u %9llu %s%s%s\n", rights, it.nlink, (uint64_t)it.size, name,
           *target ? " -> " : "", target);
}

static int list(const char *folder) {
    static char buffer[4096];
    int32_t fd = open(folder, O_RDONLY | O_DIRECTORY, 0);
    if (fd == -ENOTDIR) {
        show(".", folder);
        return 0;
    }
    if (fd < 0) {
        complain("ls: %s: %s\n", folder, error_name(fd));
        return 1;
    }
    for (;;) {
        int32_t got = getdents(fd, buffer, sizeof buffer);
        if (got <= 0) break;
        for (int32_t at = 0; at < got; at += ((struct dirent64 *)(buffer + at))->bytes) {
            const char *name = ((struct dirent64 *)(buffer + at))->name;
            if (*name != '.') show(folder, name);
        }
    }
    close(fd);
    return 0;
}

int main(int argc, char **argv) {
    int status = argc > 1 ? 0 : list(".");
    for (int i = 1; i < argc; i++) status |= list(argv[i]);
    return status;
}
