/*
 * files.c: descriptors, files, directories and pipes.
 */
#include "test.h"

#define PATH "/tmp/file"

void test_open_errors(void) {
    FAILS(open("/tmp/nope", O_RDONLY, 0), ENOENT);
    FAILS(open("/tmp/nope/deeper", O_RDWR | O_CREAT, 0644), ENOENT);
    FAILS(open("", O_RDONLY, 0), ENOENT);
    FAILS(open("/tmp", O_WRONLY, 0), EISDIR);
    FAILS(open("/dev/null/x", O_RDONLY, 0), ENOTDIR);
    close(make_file(PATH, 1));
    FAILS(open(PATH "/x", O_RDONLY, 0), ENOTDIR);
    FAILS(open(PATH, O_RDWR | O_CREAT | O_EXCL, 0644), EEXIST);
    FAILS(open(PATH, O_RDONLY | O_DIRECTORY, 0), ENOTDIR);
    FAILS(open((const char *)kernel_start(), O_RDONLY, 0), EFAULT);
    WORKS(unlink(PATH));
}

void test_open_name_too_long(void) {
    static char name[5001];
    memset(name, 'a', 5000);
    name[0] = '/';
    FAILS(open(name, O_RDONLY, 0), ENAMETOOLONG);
    name[300] = 0; /* more than NAME_MAX in one part */
    FAILS(open(name, O_RDONLY, 0), ENAMETOOLONG);
}

void test_open_lowest_descriptor(void) {
    int a = WORKS(open("/dev/null", O_RDONLY, 0)), b = WORKS(dup(a)), c = WORKS(dup(a));
    SAME(b, a + 1);
    SAME(c, a + 2);
    WORKS(close(b));
    SAME(dup(a), b);
}

void test_open_truncates_and_appends(void) {
    close(make_file(PATH, 100));
    int fd = WORKS(open(PATH, O_RDWR | O_TRUNC, 0));
    SAME(lseek(fd, 0, SEEK_END), 0);
    FAILS(lseek(fd, -EBADF, SEEK_CUR), EINVAL); /* a place before the start, whatever its number */
    FAILS(lseek(fd, -1, SEEK_SET), EINVAL);
    WORKS(close(fd));
    fd = WORKS(open(PATH, O_WRONLY | O_APPEND, 0));
    SAME(write(fd, "abc", 3), 3);
    SAME(lseek(fd, 0, SEEK_SET), 0);
    SAME(write(fd, "def", 3), 3);
    SAME(lseek(fd, 0, SEEK_END), 6);
    WORKS(unlink(PATH));
}

void test_open_mode_and_umask(void) {
    struct stat64 it;
    SAME(syscall(NR_umask, 027), 022);
    WORKS(close(WORKS(open(PATH, O_RDWR | O_CREAT, 0777))));
    WORKS(stat(PATH, &it));
    SAME(it.mode, S_IFREG | 0750);
    SAME(syscall(NR_umask, 022), 027);
    WORKS(unlink(PATH));
}

void test_descriptor_bad(void) {
    char c;
    FAILS(read(99, &c, 1), EBADF);
    FAILS(write(-1, &c, 1), EBADF);
    FAILS(close(99), EBADF);
    FAILS(dup(99), EBADF);
    FAILS(dup2(99, 5), EBADF);
    FAILS(dup2(0, 5000000), EBADF);
    FAILS(lseek(99, 0, SEEK_SET), EBADF);
    FAILS(fcntl(99, F_GETFD, 0), EBADF);
    FAILS(ioctl(99, TCGETS, &c), EBADF);
}

void test_descriptor_wrong_way(void) {
    char c;
    close(make_file(PATH, 1));
    int in = WORKS(open(PATH, O_RDONLY, 0)), out = WORKS(open(PATH, O_WRONLY, 0));
    FAILS(write(in, "x", 1), EBADF);
    FAILS(read(out, &c, 1), EBADF);
    FAILS(ftruncate(in, 0), EINVAL);
    WORKS(unlink(PATH));
}

void test_descriptor_limit(void) {
    struct rlimit limit = {20, 20};
    WORKS(setrlimit(RLIMIT_NOFILE, &limit));
    int32_t fd;
    while ((fd = dup(0)) >= 0) CHECK(fd < 20);
    SAME(fd, -EMFILE);
    int ends[2];
    FAILS(pipe(ends), EMFILE);
    WORKS(close(19));
    FAILS(pipe(ends), EMFILE); /* it needs two */
    SAME(dup(0), 19);
}

void test_descriptor_dup2(void) {
    int fd = make_file(PATH, 10);
    SAME(dup2(fd, 30), 30);
    SAME(dup2(fd, fd), fd);
    WORKS(lseek(fd, 4, SEEK_SET));
    SAME(lseek(30, 0, SEEK_CUR), 4);
    FAILS(syscall(NR_dup3, fd, fd, 0), EINVAL);
    SAME(syscall(NR_dup3, fd, 31, O_CLOEXEC), 31);
    SAME(fcntl(31, F_GETFD, 0), FD_CLOEXEC);
    WORKS(unlink(PATH));
}

void test_descriptor_fcntl(void) {
    int fd = make_file(PATH, 10);
    SAME(fcntl(fd, F_GETFD, 0), 0);
    SAME(fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
    SAME(fcntl(fd, F_GETFD, 0), FD_CLOEXEC);
    SAME(fcntl(fd, F_DUPFD, 40), 40);
    SAME(fcntl(fd, F_DUPFD_CLOEXEC, 40), 41);
    SAME(fcntl(fd, F_GETFL, 0) & 3, O_RDWR);
    SAME(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK), 0);
    SAME(fcntl(fd, F_GETFL, 0) & (O_APPEND | O_NONBLOCK), O_APPEND | O_NONBLOCK);
    FAILS(fcntl(fd, 9999, 0), EINVAL);
    WORKS(unlink(PATH));
}

void test_file_seek(void) {
    int fd = make_file(PATH, 100);
    SAME(lseek(fd, 10, SEEK_SET), 10);
    SAME(lseek(fd, 10, SEEK_CUR), 20);
    SAME(lseek(fd, -10, SEEK_END), 90);
    FAILS(lseek(fd, -1, SEEK_SET), EINVAL);
    FAILS(lseek(fd, 0, 99), EINVAL);
    SAME(lseek(fd, 0, SEEK_CUR), 90);
    int64_t where = 0;
    WORKS(syscall(NR__llseek, fd, 0, 50, &where, SEEK_SET));
    SAME(where, 50);
    WORKS(unlink(PATH));
}

void test_file_hole_is_zero(void) {
    int fd = make_file(PATH, 0);
    SAME(pwrite(fd, "x", 1, 20000), 1);
    char bytes[100];
    memset(bytes, 7, 100);
    SAME(pread(fd, bytes, 100, 10000), 100);
    for (int i = 0; i < 100; i++) SAME(bytes[i], 0);
    SAME(lseek(fd, 0, SEEK_END), 20001);
    WORKS(unlink(PATH));
}

void test_file_read_at_end(void) {
    int fd = make_file(PATH, 10);
    char bytes[20];
    SAME(pread(fd, bytes, 20, 5), 5);
    SAME(pread(fd, bytes, 20, 10), 0);
    SAME(pread(fd, bytes, 20, 1000), 0);
    SAME(read(fd, bytes, 0), 0);
    WORKS(unlink(PATH));
}

void test_file_large(void) {
    int fd = make_file(PATH, 1 << 20);
    static uint8_t buffer[PAGE];
    for (uint32_t at = 0; at < 1 << 20; at += 77 * 1000) {
        SAME(pread(fd, buffer, 100, at), 100);
        for (uint32_t i = 0; i < 100; i++) SAME(buffer[i], PATTERN(at + i));
    }
    WORKS(unlink(PATH));
}

void test_file_truncate(void) {
    int fd = make_file(PATH, 10000);
    struct stat64 it;
    WORKS(ftruncate(fd, 100));
    WORKS(fstat(fd, &it));
    SAME(it.size, 100);
    WORKS(syscall(NR_truncate, PATH, 5000));
    uint8_t byte = 1;
    SAME(pread(fd, &byte, 1, 200), 1);
    SAME(byte, 0);
    FAILS(ftruncate(fd, 0xFFFFFFFF), EINVAL);
    FAILS(syscall(NR_truncate, "/tmp", 0), EISDIR);
    WORKS(unlink(PATH));
}

void test_file_readv_writev(void) {
    int fd = make_file(PATH, 0);
    const struct iovec out[3] = {{"abc", 3}, {"", 0}, {"defg", 4}};
    SAME(writev(fd, out, 3), 7);
    char one[2], two[10];
    const struct iovec in[2] = {{one, 2}, {two, 10}};
    WORKS(lseek(fd, 0, SEEK_SET));
    SAME(readv(fd, in, 2), 7);
    CHECK(one[1] == 'b' && two[0] == 'c' && two[4] == 'g');
    FAILS(writev(fd, out, 1025), EINVAL);
    FAILS(writev(fd, out, (uint32_t)-1), EINVAL);
    FAILS(writev(fd, (const struct iovec *)kernel_start(), 1), EFAULT);
    SAME(writev(fd, out, 0), 0);
    WORKS(unlink(PATH));
}

void test_file_unlinked_lives_on(void) {
    int fd = make_file(PATH, 100);
    struct stat64 it;
    WORKS(unlink(PATH));
    WORKS(fstat(fd, &it));
    SAME(it.nlink, 0);
    uint8_t byte;
    SAME(pread(fd, &byte, 1, 99), 1);
    SAME(byte, PATTERN(99));
    FAILS(stat(PATH, &it), ENOENT);
}

void test_file_links(void) {
    struct stat64 one, two;
    close(make_file(PATH, 10));
    WORKS(link(PATH, "/tmp/link"));
    WORKS(stat(PATH, &one));
    WORKS(stat("/tmp/link", &two));
    SAME(one.ino, two.ino);
    SAME(one.nlink, 2);
    FAILS(link(PATH, "/tmp/link"), EEXIST);
    FAILS(link("/tmp", "/tmp/link2"), EPERM);
    FAILS(link("/tmp/nope", "/tmp/link2"), ENOENT);
    WORKS(unlink(PATH));
    WORKS(stat("/tmp/link", &two));
    SAME(two.nlink, 1);
    WORKS(unlink("/tmp/link"));
}

void test_file_symlinks(void) {
    struct stat64 it;
    char target[100];
    close(make_file(PATH, 10));
    WORKS(symlink("file", "/tmp/sym"));
    WORKS(lstat("/tmp/sym", &it));
    SAME(it.mode & S_IFMT, S_IFLNK);
    SAME(it.size, 4);
    WORKS(stat("/tmp/sym", &it));
    SAME(it.size, 10);
    SAME(readlink("/tmp/sym", target, 100), 4);
    SAME(readlink("/tmp/sym", target, 2), 2);
    FAILS(readlink(PATH, target, 100), EINVAL);
    FAILS(readlink("/tmp/sym", target, 0), EINVAL);
    FAILS(open("/tmp/sym", O_RDONLY | O_NOFOLLOW, 0), ELOOP);
    WORKS(unlink("/tmp/sym"));
    WORKS(stat(PATH, &it));
    WORKS(unlink(PATH));
}

void test_file_symlink_loop(void) {
    WORKS(symlink("loop2", "/tmp/loop1"));
    WORKS(symlink("loop1", "/tmp/loop2"));
    FAILS(open("/tmp/loop1", O_RDONLY, 0), ELOOP);
    FAILS(chdir("/tmp/loop2"), ELOOP);
    WORKS(unlink("/tmp/loop1"));
    FAILS(open("/tmp/loop2", O_RDONLY, 0), ENOENT);
    WORKS(unlink("/tmp/loop2"));
}

void test_file_rename(void) {
    struct stat64 it;
    close(make_file(PATH, 10));
    close(make_file("/tmp/other", 20));
    WORKS(rename(PATH, "/tmp/other"));
    FAILS(stat(PATH, &it), ENOENT);
    WORKS(stat("/tmp/other", &it));
    SAME(it.size, 10);
    FAILS(rename("/tmp/nope", PATH), ENOENT);
    FAILS(rename("/tmp/other", "/tmp"), ENOTEMPTY);
    WORKS(mkdir("/tmp/folder", 0755));
    FAILS(rename("/tmp/other", "/tmp/folder"), EISDIR);
    FAILS(rename("/tmp/folder", "/tmp/other"), ENOTDIR);
    FAILS(rename("/tmp/folder", "/tmp/folder/inside"), EINVAL);
    WORKS(rename("/tmp/other", "/tmp/folder/moved"));
    WORKS(unlink("/tmp/folder/moved"));
    WORKS(rmdir("/tmp/folder"));
}

void test_directory_life(void) {
    struct stat64 it;
    WORKS(mkdir("/tmp/folder", 0755));
    FAILS(mkdir("/tmp/folder", 0755), EEXIST);
    FAILS(mkdir("/tmp/nope/x", 0755), ENOENT);
    WORKS(stat("/tmp/folder", &it));
    SAME(it.mode, S_IFDIR | 0755);
    close(make_file("/tmp/folder/x", 1));
    FAILS(rmdir("/tmp/folder"), ENOTEMPTY);
    FAILS(rmdir("/tmp/folder/x"), ENOTDIR);
    FAILS(unlink("/tmp/folder"), EISDIR);
    WORKS(unlink("/tmp/folder/x"));
    FAILS(rmdir("/tmp/folder/."), EINVAL);
    WORKS(rmdir("/tmp/folder"));
    FAILS(rmdir("/tmp/folder"), ENOENT);
}

void test_directory_working(void) {
    char path[100];
    WORKS(mkdir("/tmp/folder", 0755));
    WORKS(chdir("/tmp/folder"));
    SAME(getcwd(path, 100), 12);
    CHECK(!strcmp(path, "/tmp/folder"));
    FAILS(getcwd(path, 11), ERANGE);
    close(make_file("here", 1));
    WORKS(access("/tmp/folder/here", R_OK));
    WORKS(access("../folder/./here", R_OK));
    WORKS(unlink("here"));
    WORKS(chdir(".."));
    WORKS(rmdir("folder"));
    FAILS(chdir("/dev/null"), ENOTDIR);
    FAILS(chdir("/tmp/folder"), ENOENT);
    WORKS(chdir("/"));
    WORKS(chdir("..")); /* above the root is the root */
    SAME(getcwd(path, 100), 2);
}

void test_directory_relative_calls(void) {
    WORKS(mkdir("/tmp/folder", 0755));
    int folder = WORKS(open("/tmp/folder", O_RDONLY | O_DIRECTORY, 0));
    WORKS(close(WORKS(syscall(NR_openat, folder, "x", O_RDWR | O_CREAT, 0644))));
    WORKS(access("/tmp/folder/x", F_OK));
    FAILS(syscall(NR_openat, 99, "x", O_RDONLY, 0), EBADF);
    int file = WORKS(open("/dev/null", O_RDONLY, 0));
    FAILS(syscall(NR_openat, file, "x", O_RDONLY, 0), ENOTDIR);
    WORKS(close(WORKS(syscall(NR_openat, 99, "/dev/null", O_RDONLY, 0)))); /* not looked at */
    WORKS(syscall(NR_mkdirat, folder, "deeper", 0755));
    FAILS(syscall(NR_unlinkat, folder, "deeper", 0), EISDIR);
    WORKS(syscall(NR_unlinkat, folder, "deeper", AT_REMOVEDIR));
    WORKS(syscall(NR_unlinkat, folder, "x", 0));
    WORKS(rmdir("/tmp/folder"));
}

void test_directory_listing(void) {
    static char buffer[4096];
    char path[64];
    WORKS(mkdir("/tmp/folder", 0755));
    for (int i = 0; i < 50; i++) {
        format(path, sizeof path, "/tmp/folder/entry%d", i);
        close(make_file(path, 0));
    }
    int fd = WORKS(open("/tmp/folder", O_RDONLY | O_DIRECTORY, 0)), got, count = 0, dots = 0;
    while ((got = WORKS(getdents(fd, buffer, 300))) > 0) /* in small parts */
        for (int at = 0; at < got; at += ((struct dirent64 *)(buffer + at))->bytes) {
            const struct dirent64 *entry = (const struct dirent64 *)(buffer + at);
            if (entry->name[0] == '.')
                dots++;
            else if (!strncmp(entry->name, "entry", 5) && entry->type == DT_REG)
                count++;
        }
    SAME(count, 50);
    SAME(dots, 2);
    SAME(getdents(fd, buffer, 4096), 0);
    for (int i = 0; i < 50; i++) {
        format(path, sizeof path, "/tmp/folder/entry%d", i);
        WORKS(unlink(path));
    }
    WORKS(rmdir("/tmp/folder"));
}

void test_directory_errors(void) {
    char buffer[256];
    int fd = make_file(PATH, 1);
    FAILS(getdents(fd, buffer, 256), ENOTDIR);
    FAILS(getdents(99, buffer, 256), EBADF);
    int folder = WORKS(open("/tmp", O_RDONLY, 0));
    FAILS(getdents(folder, buffer, 8), EINVAL);
    FAILS(getdents(folder, (void *)kernel_start(), 256), EFAULT);
    FAILS(read(folder, buffer, 10), EISDIR);
    WORKS(unlink(PATH));
}

void test_access(void) {
    close(make_file(PATH, 1));
    WORKS(access(PATH, R_OK | W_OK));
    FAILS(access(PATH, X_OK), EACCES); /* not even for the superuser */
    FAILS(access("/tmp/nope", F_OK), ENOENT);
    FAILS(access(PATH, 99), EINVAL);
    WORKS(syscall(NR_chmod, PATH, 0755));
    WORKS(access(PATH, X_OK));
    WORKS(unlink(PATH));
}

void test_statx(void) {
    static uint8_t buffer[256];
    close(make_file(PATH, 1234));
    WORKS(syscall(NR_statx, AT_FDCWD, PATH, 0, 0x7FF, buffer));
    SAME(*(uint16_t *)(buffer + 28), S_IFREG | 0644); /* stx_mode */
    SAME(*(uint32_t *)(buffer + 40), 1234);           /* stx_size */
    FAILS(syscall(NR_statx, AT_FDCWD, "/tmp/nope", 0, 0x7FF, buffer), ENOENT);
    WORKS(unlink(PATH));
}

void test_utimensat(void) {
    struct stat64 it;
    const struct timespec times[2] = {{1000, 0}, {2000, 0}};
    close(make_file(PATH, 1));
    WORKS(syscall(NR_utimensat, AT_FDCWD, PATH, times, 0));
    WORKS(stat(PATH, &it));
    SAME(it.atime, 1000);
    SAME(it.mtime, 2000);
    WORKS(unlink(PATH));
}

/* ---- devices ---- */

void test_dev_null(void) {
    char c;
    int fd = WORKS(open("/dev/null", O_RDWR, 0));
    SAME(write(fd, "abc", 3), 3);
    SAME(read(fd, &c, 1), 0);
    struct stat64 it;
    WORKS(fstat(fd, &it));
    SAME(it.mode & S_IFMT, S_IFCHR);
    SAME(it.rdev, 0x103);
}

void test_dev_zero(void) {
    char bytes[5000];
    memset(bytes, 1, 5000);
    int fd = WORKS(open("/dev/zero", O_RDWR, 0));
    SAME(read(fd, bytes, 5000), 5000);
    for (int i = 0; i < 5000; i++) SAME(bytes[i], 0);
    SAME(write(fd, bytes, 100), 100);
}

void test_dev_full(void) {
    int fd = WORKS(open("/dev/full", O_RDWR, 0));
    FAILS(write(fd, "x", 1), ENOSPC);
    char c = 1;
    SAME(read(fd, &c, 1), 1);
    SAME(c, 0);
}

void test_dev_urandom(void) {
    uint32_t one[8], two[8];
    int fd = WORKS(open("/dev/urandom", O_RDONLY, 0));
    SAME(read(fd, one, 32), 32);
    SAME(read(fd, two, 32), 32);
    CHECK(memcmp(one, two, 32) != 0);
    SAME(syscall(NR_getrandom, one, 32, 0), 32);
    CHECK(memcmp(one, two, 32) != 0);
    FAILS(syscall(NR_getrandom, kernel_start(), 32, 0), EFAULT);
    FAILS(syscall(NR_getrandom, one, 32, 0x80), EINVAL);
}

/* ---- pipes ---- */

void test_pipe_bytes_come_out_in_order(void) {
    int ends[2];
    char bytes[10];
    WORKS(pipe(ends));
    SAME(write(ends[1], "abc", 3), 3);
    SAME(write(ends[1], "def", 3), 3);
    SAME(read(ends[0], bytes, 2), 2);
    SAME(read(ends[0], bytes + 2, 10), 4);
    CHECK(!memcmp(bytes, "abcdef", 6));
}

void test_pipe_end_of_file(void) {
    int ends[2];
    char c;
    WORKS(pipe(ends));
    SAME(write(ends[1], "x", 1), 1);
    WORKS(close(ends[1]));
    SAME(read(ends[0], &c, 1), 1);
    SAME(read(ends[0], &c, 1), 0);
}

void test_pipe_wrong_end(void) {
    int ends[2];
    char c;
    WORKS(pipe(ends));
    FAILS(read(ends[1], &c, 1), EBADF);
    FAILS(write(ends[0], "x", 1), EBADF);
    FAILS(lseek(ends[0], 0, SEEK_SET), ESPIPE);
    FAILS(pread(ends[0], &c, 1, 0), ESPIPE);
}

void test_pipe_bad_pointer(void) {
    FAILS(pipe((int *)kernel_start()), EFAULT);
    FAILS(pipe((int *)0), EFAULT);
    int ends[2];
    FAILS(pipe2(ends, 0x100), EINVAL);
    SAME(dup(0), 3); /* none was left open */
}

void test_pipe_capacity(void) {
    int ends[2], total = 0, done;
    static char bytes[4096];
    WORKS(pipe2(ends, O_NONBLOCK));
    while ((done = write(ends[1], bytes, 4096)) > 0) total += done;
    SAME(done, -EAGAIN);
    SAME(total, 65536);
    int waiting = 0;
    WORKS(ioctl(ends[0], FIONREAD, &waiting));
    SAME(waiting, 65536);
}

void test_pipe_empty_does_not_block(void) {
    int ends[2];
    char c;
    WORKS(pipe2(ends, O_NONBLOCK));
    FAILS(read(ends[0], &c, 1), EAGAIN);
    WORKS(close(ends[1]));
    SAME(read(ends[0], &c, 1), 0);
}

void test_pipe_through_processes(void) {
    int ends[2];
    static uint8_t bytes[5000];
    WORKS(pipe(ends));
    int32_t child = WORKS(fork());
    if (!child) {
        for (uint32_t sent = 0; sent < 500000;) { /* more than it holds: the writer waits */
            for (uint32_t i = 0; i < 5000; i++) bytes[i] = PATTERN(sent + i);
            SAME(write(ends[1], bytes, 5000), 5000);
            sent += 5000;
        }
        _exit(0);
    }
    WORKS(close(ends[1]));
    uint32_t got = 0;
    int32_t part;
    while ((part = WORKS(read(ends[0], bytes, 777))) > 0) {
        for (int32_t i = 0; i < part; i++) SAME(bytes[i], PATTERN(got + (uint32_t)i));
        got += (uint32_t)part;
    }
    SAME(got, 500000);
    SAME(ended(child), EXITED(0));
}

void test_pipe_small_writes_are_whole(void) {
    int ends[2];
    WORKS(pipe(ends));
    for (int n = 0; n < 4; n++)
        if (!WORKS(fork())) {
            char line[100];
            memset(line, 'a' + n, 100);
            for (int i = 0; i < 200; i++) SAME(write(ends[1], line, 100), 100);
            _exit(0);
        }
    WORKS(close(ends[1]));
    char line[100];
    int count = 0;
    for (int32_t got; (got = WORKS(read(ends[0], line, 100))) > 0; count++) {
        SAME(got, 100);
        for (int i = 1; i < 100; i++) SAME(line[i], line[0]);
    }
    SAME(count, 800);
}

void test_fifo_file_type(void) {
    int ends[2];
    struct stat64 it;
    WORKS(pipe(ends));
    WORKS(fstat(ends[0], &it));
    SAME(it.mode & S_IFMT, S_IFIFO);
}

/* ---- poll ---- */

void test_poll_pipe(void) {
    int ends[2];
    WORKS(pipe(ends));
    struct pollfd fds[2] = {{ends[0], POLLIN, 0}, {ends[1], POLLOUT, 0}};
    SAME(poll(fds, 2, 0), 1);
    SAME(fds[0].revents, 0);
    SAME(fds[1].revents, POLLOUT);
    SAME(write(ends[1], "x", 1), 1);
    SAME(poll(fds, 2, -1), 2);
    SAME(fds[0].revents, POLLIN);
    WORKS(close(ends[1]));
    char c;
    SAME(read(ends[0], &c, 1), 1);
    SAME(poll(fds, 1, -1), 1);
    SAME(fds[0].revents, POLLHUP);
}

void test_poll_writer_alone(void) {
    int ends[2];
    WORKS(pipe(ends));
    WORKS(close(ends[0]));
    struct pollfd fd = {ends[1], POLLOUT, 0};
    SAME(poll(&fd, 1, 0), 1);
    CHECK(fd.revents & POLLERR);
}

void test_poll_bad_descriptor(void) {
    struct pollfd fds[2] = {{99, POLLIN, 0}, {-1, POLLIN, 5}};
    SAME(poll(fds, 2, 0), 1);
    SAME(fds[0].revents, POLLNVAL);
    SAME(fds[1].revents, 0);
}

void test_poll_times_out(void) {
    int ends[2];
    struct timespec before, after;
    WORKS(pipe(ends));
    struct pollfd fd = {ends[0], POLLIN, 0};
    WORKS(clock_gettime(CLOCK_MONOTONIC, &before));
    SAME(poll(&fd, 1, 50), 0);
    WORKS(clock_gettime(CLOCK_MONOTONIC, &after));
    int32_t ms = (after.seconds - before.seconds) * 1000 +
                 (after.nanoseconds - before.nanoseconds) / 1000000;
    CHECK(ms >= 49);
}

void test_poll_is_woken(void) {
    int ends[2];
    WORKS(pipe(ends));
    int32_t child = WORKS(fork());
    if (!child) {
        sleep_ms(30);
        SAME(write(ends[1], "x", 1), 1);
        _exit(0);
    }
    struct pollfd fd = {ends[0], POLLIN, 0};
    SAME(poll(&fd, 1, 10000), 1);
    SAME(fd.revents, POLLIN);
}

void test_poll_bad_pointer(void) {
    FAILS(poll((struct pollfd *)kernel_start(), 1, 0), EFAULT);
    SAME(poll(NULL, 0, 1), 0);
}

void test_select(void) {
    int ends[2];
    WORKS(pipe(ends));
    uint32_t in[32] = {1u << ends[0]}, out[32] = {1u << ends[1]};
    struct timeval none = {0, 0};
    SAME(syscall(NR__newselect, 32, in, out, NULL, &none), 1);
    SAME(in[0], 0);
    SAME(out[0], 1u << ends[1]);
    SAME(write(ends[1], "x", 1), 1);
    in[0] = 1u << ends[0];
    SAME(syscall(NR__newselect, 32, in, NULL, NULL, NULL), 1);
    SAME(in[0], 1u << ends[0]);
    in[0] = 1u << 20;
    FAILS(syscall(NR__newselect, 32, in, NULL, NULL, &none), EBADF);
    FAILS(syscall(NR__newselect, -1, in, NULL, NULL, &none), EINVAL);
}

void test_ppoll_mask(void) {
    uint64_t mask = signal_bit(SIGUSR1), none = 0;
    struct timespec second = {1, 0};
    WORKS(handle(SIGUSR1, note_signal, 0));
    WORKS(sigprocmask(SIG_BLOCK, &mask, NULL));
    WORKS(kill(getpid(), SIGUSR1));
    FAILS(syscall(NR_ppoll, NULL, 0, &second, &none, 8), EINTR);
    SAME(caught, 1);
}
