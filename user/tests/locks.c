/*
 * locks.c: locks of parts of files, between processes (fcntl(2), F_SETLK).
 */
#include "test.h"

static int file_with_locks(void) {
    int fd = make_file("/tmp/locks", 100);
    WORKS(unlink("/tmp/locks"));
    return fd;
}

static int32_t lock(int fd, int what, int16_t type, int32_t start, int32_t length) {
    const struct flock it = {type, SEEK_SET, start, length, 0};
    return fcntl(fd, what, (uint32_t)&it);
}

/* A child that has the byte `mine`, and then waits for `next`; once it waits, the parent goes on. */
static int32_t child_that_waits(int fd, int32_t mine, int32_t next) {
    int ends[2];
    char c;
    WORKS(pipe(ends));
    int32_t child = WORKS(fork());
    if (!child) {
        WORKS(lock(fd, F_SETLK, F_WRLCK, mine, 1));
        write(ends[1], "x", 1);
        _exit(lock(fd, F_SETLKW, F_WRLCK, next, 1) ? 1 : 0);
    }
    SAME(read(ends[0], &c, 1), 1);
    sleep_ms(50);
    return child;
}

void test_record_lock_deadlock(void) {
    int fd = file_with_locks();
    alarm(10);
    WORKS(lock(fd, F_SETLK, F_WRLCK, 0, 1));
    int32_t child = child_that_waits(fd, 1, 0);
    FAILS(lock(fd, F_SETLKW, F_WRLCK, 1, 1), EDEADLK);
    WORKS(lock(fd, F_SETLK, F_UNLCK, 0, 1));
    SAME(ended(child), EXITED(0));
}

void test_record_lock_deadlock_of_three(void) {
    int fd = file_with_locks();
    alarm(10);
    WORKS(lock(fd, F_SETLK, F_WRLCK, 0, 1));
    int32_t one = child_that_waits(fd, 1, 0), two = child_that_waits(fd, 2, 1);
    FAILS(lock(fd, F_SETLKW, F_WRLCK, 2, 1), EDEADLK);
    WORKS(lock(fd, F_SETLK, F_UNLCK, 0, 1));
    SAME(ended(one), EXITED(0));
    SAME(ended(two), EXITED(0));
}

void test_record_lock_waits(void) {
    int fd = file_with_locks();
    WORKS(lock(fd, F_SETLK, F_WRLCK, 0, 1));
    int32_t child = child_that_waits(fd, 1, 0);
    FAILS(lock(fd, F_SETLK, F_WRLCK, 1, 1), EAGAIN);
    WORKS(lock(fd, F_SETLK, F_UNLCK, 0, 0));
    SAME(ended(child), EXITED(0));
}

/* What another process sees of the lock on byte 0. */
static struct flock seen_by_other(int fd) {
    static struct flock *it;
    it = (struct flock *)WORKS(
        mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    *it = (struct flock){F_WRLCK, SEEK_SET, 0, 1, 0};
    int32_t child = WORKS(fork());
    if (!child) _exit(fcntl(fd, F_GETLK, (uint32_t)it) ? 1 : 0);
    SAME(ended(child), EXITED(0));
    return *it;
}

void test_record_lock_neighbours_join(void) {
    int fd = file_with_locks();
    WORKS(lock(fd, F_SETLK, F_WRLCK, 0, 10));
    WORKS(lock(fd, F_SETLK, F_WRLCK, 20, 10));
    WORKS(lock(fd, F_SETLK, F_WRLCK, 10, 10));
    struct flock it = seen_by_other(fd);
    SAME(it.type, F_WRLCK);
    SAME(it.start, 0);
    SAME(it.length, 30);
    SAME(it.pid, getpid());
    WORKS(lock(fd, F_SETLK, F_RDLCK, 10, 10));
    SAME(seen_by_other(fd).length, 10);
}

static int closed_meanwhile;
static volatile int32_t answer_of_thread;
static volatile uint32_t answered;

static int wait_for_lock(void *argument) {
    (void)argument;
    answer_of_thread = lock(closed_meanwhile, F_SETLKW, F_WRLCK, 0, 1);
    answered = 1;
    futex(&answered, FUTEX_WAKE, 1, NULL);
    return 0;
}

/* A lock that is got when the descriptor is another thread's to close stays with nobody. */
void test_record_lock_of_a_closed_file(void) {
    int fd = file_with_locks();
    int ends[2];
    char c;
    WORKS(pipe(ends));
    int32_t child = WORKS(fork());
    if (!child) {
        WORKS(lock(fd, F_SETLK, F_WRLCK, 0, 1));
        write(ends[1], "x", 1);
        sleep_ms(200);
        _exit(0);
    }
    SAME(read(ends[0], &c, 1), 1);
    int32_t other = WORKS(fork()); /* keeps the file */
    if (!other) {
        sleep_ms(400);
        _exit(lock(fd, F_SETLK, F_WRLCK, 0, 1) ? 1 : 0);
    }
    closed_meanwhile = fd;
    uint32_t flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
    WORKS(clone_thread(flags, (void *)(map_pages(4) + 4 * PAGE), wait_for_lock, NULL, NULL, NULL, NULL));
    sleep_ms(50);
    WORKS(close(fd));
    while (!answered) futex(&answered, FUTEX_WAIT, 0, NULL);
    SAME(answer_of_thread, -EBADF);
    SAME(ended(child), EXITED(0));
    SAME(ended(other), EXITED(0));
}
