/*
 * epoll.c: waiting for many files whose list is kept (epoll(7)).
 */
#include "test.h"

static int ends[2];

/* A list with the end of a pipe that is read from. */
static int list_with_pipe(uint32_t events) {
    int list = WORKS(syscall(NR_epoll_create1, 0));
    const struct epoll_event event = {events, 0x123456789ABCDEFull};
    WORKS(pipe(ends));
    WORKS(syscall(NR_epoll_ctl, list, EPOLL_CTL_ADD, ends[0], &event));
    return list;
}

static int32_t wait_ms(int list, int32_t milliseconds) {
    struct epoll_event events[4];
    int32_t count = WORKS(syscall(NR_epoll_wait, list, events, 4, milliseconds));
    if (count) CHECK(events[0].data == 0x123456789ABCDEFull && events[0].events);
    return count;
}

void test_epoll_level(void) {
    char c;
    int list = list_with_pipe(EPOLLIN);
    SAME(wait_ms(list, 0), 0);
    SAME(wait_ms(list, 20), 0);
    SAME(write(ends[1], "xy", 2), 2);
    SAME(wait_ms(list, 0), 1);
    SAME(wait_ms(list, -1), 1); /* still */
    SAME(read(ends[0], &c, 1), 1);
    SAME(wait_ms(list, -1), 1);
    SAME(read(ends[0], &c, 1), 1);
    SAME(wait_ms(list, 0), 0);
}

void test_epoll_edge(void) {
    int list = list_with_pipe(EPOLLIN | EPOLLET);
    SAME(write(ends[1], "x", 1), 1);
    SAME(wait_ms(list, -1), 1);
    SAME(wait_ms(list, 20), 0); /* told once */
    SAME(write(ends[1], "x", 1), 1);
    SAME(wait_ms(list, -1), 1); /* something new, though it was not read */
    SAME(wait_ms(list, 0), 0);
}

void test_epoll_once(void) {
    int list = list_with_pipe(EPOLLIN | EPOLLONESHOT);
    const struct epoll_event again = {EPOLLIN | EPOLLONESHOT, 0x123456789ABCDEFull};
    SAME(write(ends[1], "x", 1), 1);
    SAME(wait_ms(list, -1), 1);
    SAME(write(ends[1], "x", 1), 1);
    SAME(wait_ms(list, 20), 0);
    WORKS(syscall(NR_epoll_ctl, list, EPOLL_CTL_MOD, ends[0], &again));
    SAME(wait_ms(list, -1), 1);
}

void test_epoll_is_woken(void) {
    int list = list_with_pipe(EPOLLIN);
    int32_t child = WORKS(fork());
    if (!child) {
        sleep_ms(30);
        _exit(write(ends[1], "x", 1) != 1);
    }
    SAME(wait_ms(list, -1), 1);
    SAME(ended(child), EXITED(0));
}

void test_epoll_hang_up(void) {
    struct epoll_event event;
    int list = list_with_pipe(0); /* that is told without being asked for */
    WORKS(close(ends[1]));
    SAME(syscall(NR_epoll_wait, list, &event, 1, -1), 1);
    SAME(event.events, EPOLLHUP);
}

void test_epoll_close_takes_out(void) {
    int list = list_with_pipe(EPOLLIN), other = dup(ends[0]);
    SAME(write(ends[1], "x", 1), 1);
    WORKS(close(ends[0]));
    SAME(wait_ms(list, 0), 1); /* the file is still open */
    WORKS(close(other));
    SAME(wait_ms(list, 0), 0);
}

void test_epoll_broken_off(void) {
    const struct itimerval soon = {{0, 0}, {0, 30000}};
    struct epoll_event event;
    int list = list_with_pipe(EPOLLIN);
    WORKS(handle(SIGALRM, note_signal, SA_RESTART));
    WORKS(syscall(NR_setitimer, 0, &soon, NULL));
    FAILS(syscall(NR_epoll_wait, list, &event, 1, -1), EINTR);
    SAME(caught, 1);
}

void test_epoll_is_polled(void) {
    int list = list_with_pipe(EPOLLIN);
    struct pollfd it = {.fd = list, .events = POLLIN};
    SAME(poll(&it, 1, 0), 0);
    SAME(write(ends[1], "x", 1), 1);
    SAME(poll(&it, 1, -1), 1);
    SAME(it.revents, POLLIN);
    SAME(wait_ms(list, 0), 1);
}

void test_epoll_errors(void) {
    struct epoll_event event = {EPOLLIN, 0};
    int list = list_with_pipe(EPOLLIN), file = make_file("/tmp/epoll", 1);
    WORKS(unlink("/tmp/epoll"));
    FAILS(syscall(NR_epoll_create1, 1), EINVAL);
    FAILS(syscall(NR_epoll_create, 0), EINVAL);
    FAILS(syscall(NR_epoll_ctl, list, EPOLL_CTL_ADD, ends[0], &event), EEXIST);
    FAILS(syscall(NR_epoll_ctl, list, EPOLL_CTL_MOD, ends[1], &event), ENOENT);
    FAILS(syscall(NR_epoll_ctl, list, EPOLL_CTL_DEL, ends[1], NULL), ENOENT);
    FAILS(syscall(NR_epoll_ctl, list, EPOLL_CTL_ADD, file, &event), EPERM);
    FAILS(syscall(NR_epoll_ctl, list, EPOLL_CTL_ADD, list, &event), EINVAL);
    FAILS(syscall(NR_epoll_ctl, list, 9, ends[0], &event), EINVAL);
    FAILS(syscall(NR_epoll_ctl, list, EPOLL_CTL_ADD, 999, &event), EBADF);
    FAILS(syscall(NR_epoll_ctl, 999, EPOLL_CTL_ADD, ends[0], &event), EBADF);
    FAILS(syscall(NR_epoll_ctl, ends[1], EPOLL_CTL_ADD, ends[0], &event), EINVAL);
    FAILS(syscall(NR_epoll_ctl, list, EPOLL_CTL_ADD, ends[1], kernel_start()), EFAULT);
    FAILS(syscall(NR_epoll_wait, list, &event, 0, 0), EINVAL);
    FAILS(syscall(NR_epoll_wait, list, kernel_start(), 1, 0), EFAULT);
    FAILS(syscall(NR_epoll_wait, 999, &event, 1, 0), EBADF);
    FAILS(syscall(NR_epoll_wait, ends[0], &event, 1, 0), EINVAL);
    WORKS(syscall(NR_epoll_ctl, list, EPOLL_CTL_DEL, ends[0], NULL));
}

/* A list with two pipes that can be read from: 1 and 2. */
static int list_with_two(void) {
    int list = WORKS(syscall(NR_epoll_create1, 0));
    for (uint32_t i = 1; i <= 2; i++) {
        const struct epoll_event event = {EPOLLIN | (i == 2 ? EPOLLET : 0), i};
        WORKS(pipe(ends));
        SAME(write(ends[1], "x", 1), 1);
        WORKS(syscall(NR_epoll_ctl, list, EPOLL_CTL_ADD, ends[0], &event));
    }
    return list;
}

static uint64_t next_of(int list) {
    struct epoll_event event;
    SAME(syscall(NR_epoll_wait, list, &event, 1, 0), 1);
    return event.data;
}

void test_epoll_takes_turns(void) {
    int list = list_with_two();
    SAME(next_of(list), 1);
    SAME(next_of(list), 2);
    SAME(next_of(list), 1);
}

void test_epoll_bad_address_loses_nothing(void) {
    int list = list_with_two();
    SAME(next_of(list), 1);
    FAILS(syscall(NR_epoll_wait, list, 16, 1, 0), EFAULT);
    SAME(next_of(list), 2);
}
